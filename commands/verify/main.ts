import { runScript } from '../../src/core/stage.ts'
import { verify } from '../../src/review/verify/verify.ts'

void runScript('verify', () => verify(process.argv.slice(2)))
