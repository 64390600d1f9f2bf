// room Sheets
