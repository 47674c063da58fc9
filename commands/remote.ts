/**
 * remote: set up, check or heal the remote where DVC keeps data for other machines.
 *
 * reads   .dvc/config, dvc.lock, data.dvc, DVC's cache
 * writes  .dvc/config; with --heal, the remote
 */
import { runScript } from '../src/core/script.ts'
import { remote } from '../src/dvc/remote.ts'

await runScript('remote', () => remote(process.argv.slice(2)))
