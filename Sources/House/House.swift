// room House
