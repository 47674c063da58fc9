import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that load TensorFlow, and grow the process that runs them by it: to more than a gigabyte in the rooms that train. */
const LARGE =
  /\/test\/(audit|check-data|evaluate|lessons|models|network|predict|records|report|tensorflow|train)\/|\/(pipeline\/(gate|report)|github\/requests)\.test/

/** Take long for their size. */
const SLOW = /\/(start|seven|train|interruption|determinism|keras-training|saved-browser)\.(long\.)?test\.ts$/

/**
 * Runs the large files last: a process of a gigabyte takes fifty times as long to start another. Of the others and of the large
 * ones the slow come first, so that none of them is left alone at the end.
 */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = (id: string) => id.endsWith('.long.test.ts') // each has a process of its own
    const place = ({ moduleId: id }: TestSpecification) =>
      (!isLong(id) && LARGE.test(id) ? 2 : 0) + (SLOW.test(id) ? 0 : 1)
    return (await super.sort(files)).sort((a, b) => place(a) - place(b)) // of a place the largest file comes first
  }
}

/**
 * `quick` is what `npm test` runs. `long` is the rest: whole pipelines, workflows, kills.
 *
 * Two processes take the files in turn and keep what they have loaded, TensorFlow above all, which takes longer to load than
 * most files take to run. `npm run test:long` gives each file a process of its own.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    sequence: { sequencer: SmallFirst },
    globalSetup: './test/support/compile-cache.ts',
    setupFiles: './test/support/esbuild-folder.ts',
    poolOptions: { forks: { maxForks: 2, isolate: false } },
    projects: [
      {
        extends: true,
        test: {
          name: 'quick',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.long.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'long',
          include: ['test/**/*.long.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
})
