// room Web
