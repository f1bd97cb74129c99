/** Another instance holds the rebuild lock and fills the index; the caller waits for it. */
export class RebuildInProgress extends Error {
  constructor() {
    super("another instance is filling the search index");
  }
}
