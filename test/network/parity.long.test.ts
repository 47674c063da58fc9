import { describeParity } from '../support/parity-tests.ts'

describeParity('efficientnetv2-b0')
describeParity('convnext_tiny')
