import type { Attachments } from './attachments.ts';
import { downloadFile, downloadFiles, type DownloadParts } from './download-file.ts';
import { prepareMessage, uploadFile, type UploadParts } from './upload-file.ts';

export function createAttachments(parts: UploadParts & DownloadParts): Attachments {
  return {
    uploadFile: (file, options) => uploadFile(parts, file, options),
    prepareMessage: (message, options) => prepareMessage(parts, message, options),
    downloadFile: (attachment, options) => downloadFile(parts, attachment, options),
    downloadFiles: (attachments, options) => downloadFiles(parts, attachments, options),
  };
}
