// room Accounts
