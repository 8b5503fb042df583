/** Of all programs of one release: they are built together, and package.json and the images' tags say the same. */
export const VERSION = '0.1.0';
