export { Upload, type DetailedError, type PreviousUpload, type UploadOptions } from "tus-js-client";
