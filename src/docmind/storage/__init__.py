"""What a library remembers on disk besides vectors: its documents, its chats, and facts about itself."""
