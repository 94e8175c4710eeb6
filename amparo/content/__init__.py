"""Pages, blocks, images, campaigns and the site's identity."""
