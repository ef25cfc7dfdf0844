"""The dashboard in a browser: a server that lets in whoever has its token, and runs one dashboard for each page that is open."""
