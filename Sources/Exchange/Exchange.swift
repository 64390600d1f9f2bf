// room Exchange
