"""What the pages share: the open library, answers under way, and how answers and evidence are drawn."""
