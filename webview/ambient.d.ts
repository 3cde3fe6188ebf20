// Styles of the page, which the bundler takes up.

declare module "*.css";
