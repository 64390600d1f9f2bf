// room Storage
