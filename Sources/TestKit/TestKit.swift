// room TestKit
