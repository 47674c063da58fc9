import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Rooms whose tests grow the process that runs them: TensorFlow's are of more than a gigabyte. */
const LARGE = /\/test\/(check-data|evaluate|lessons|models|network|predict|tensorflow|train)\//

/** Take minutes each. */
const LONGEST = /\/(start|seven|train)\.long\.test\.ts$/

/**
 * Runs the files of the large rooms last: a process of a gigabyte takes fifty times as long to start another. Of the long files
 * those of minutes come first, so that none of them is left alone at the end.
 */
class SmallFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => (LONGEST.test(moduleId) ? 0 : LARGE.test(moduleId) ? 2 : 1)
    return (await super.sort(files)).sort((a, b) => place(a) - place(b))
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
