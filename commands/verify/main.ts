import { runCommand } from '../../src/core/stage.ts'
import { verify } from '../../src/review/verify/verify.ts'

void runCommand('verify', () => verify(process.argv.slice(2)))
