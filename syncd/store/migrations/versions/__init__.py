"""One module a step, numbered in order. A step that was released is never edited; a new one is added."""
