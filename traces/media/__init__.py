"""Files that spans show: how they are known, promised, kept and handed out safely."""
