/** Files that were dropped or picked, folders walked, by their paths. */

/** Must be called inside the drop event: the list empties when it ends. The walk itself may take its time. */
export function droppedFiles(transfer: DataTransfer): Promise<Map<string, File>> {
  const entries = [...transfer.items].flatMap(item => item.webkitGetAsEntry() ?? []);
  return walk(entries);
}

/** Files of an `<input type="file">`, with `webkitdirectory` or without. */
export function pickedFiles(list: FileList): Map<string, File> {
  return new Map([...list].map(file => [file.webkitRelativePath || file.name, file]));
}

async function walk(entries: FileSystemEntry[]): Promise<Map<string, File>> {
  const files = new Map<string, File>();
  for (const entry of entries) {
    if (entry.isFile) {
      const file = await new Promise<File>((resolve, reject) =>
        (entry as FileSystemFileEntry).file(resolve, reject),
      );
      files.set(entry.fullPath.replace(/^\//, ''), file);
    } else {
      for (const [path, file] of await walk(await childrenOf(entry as FileSystemDirectoryEntry)))
        files.set(path, file);
    }
  }
  return files;
}

/** A reader hands out at most 100 entries at a time (Chromium), and none when it is done. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (batch.length === 0) return children;
    children.push(...batch);
  }
}
