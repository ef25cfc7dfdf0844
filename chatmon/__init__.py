"""chatmon watches many live customer chats at once, in the terminal."""
