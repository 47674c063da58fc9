import { restoreLock } from '../../dvc/restore-lock.ts'
import { runDvc } from '../../dvc/run.ts'

/**
 * Brings back what ran elsewhere in three steps, however many stages there are: the run cache, dvc.lock from it, the data.
 *
 * Only makes the `dvc repro --pull` after it short, which does the same stage by stage and has the last word: what cannot be had
 * here is told there.
 */
export async function restoreRuns(environment: NodeJS.ProcessEnv): Promise<void> {
  const dvc = async (...args: string[]) => (await runDvc(args, { environment })).signal === undefined
  if (!(await dvc('fetch', '--quiet', '--run-cache', 'augment'))) return
  const restored = await restoreLock()
  if (restored.length > 0) await dvc('pull', '--quiet', '--force', ...restored)
}
