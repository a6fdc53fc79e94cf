// Fills a database to its page cap behind the daemon's back, with what the daemon cannot let go.

import Sqlite from 'better-sqlite3';

const pagesPerMb = 256;

/** Returns what takes it away again. */
export function ballast(file: string, capMb: number): () => void {
  const db = new Sqlite(file, { fileMustExist: true, timeout: 5_000 });
  db.pragma('synchronous = OFF');
  db.pragma(`max_page_count = ${capMb * pagesPerMb}`);
  db.exec('create table ballast (filler blob)');
  const put = db.prepare('insert into ballast values (zeroblob(?))');
  for (let bytes = 2 ** 20; bytes >= 1; ) {
    if (!fits(() => put.run(bytes))) bytes = Math.floor(bytes / 2);
  }
  return () => {
    db.exec('drop table ballast');
    db.close();
  };
}

function fits(put: () => unknown): boolean {
  try {
    put();
    return true;
  } catch (error) {
    if (error instanceof Sqlite.SqliteError && error.code === 'SQLITE_FULL') return false;
    throw error;
  }
}
