export { Upload, type DetailedError, type UploadOptions } from "tus-js-client";
