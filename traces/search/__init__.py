"""Finding traces by what was said in them."""
