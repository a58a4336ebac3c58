"""PDF: the text and the pictures of its pages."""
