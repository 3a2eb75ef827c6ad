// What `docs/configuration.md` is made of. Apart from the readers, because programs load those and never this.
export { ENVIRONMENT_VARIABLES } from './settings-reference-environment.ts';
export { agentReference, daemonReference, environmentReference } from './settings-reference.ts';
