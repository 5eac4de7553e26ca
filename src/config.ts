/** Settings: what the layers from `server` up and the command line need of src/config/. */
export {
  type Family,
  formatListen,
  formatPrefix,
  isLocal,
  isWildcard,
  type Listen,
  type Prefix,
} from './config/address.ts';
export { ROLES, type Role } from './config/check.ts';
export { ConfigError } from './config/error.ts';
export { loadConfig, type Sources } from './config/load.ts';
export { type NameserverGroup, nameserversOf } from './config/nameservers.ts';
export { checkFleet, warningsOf } from './config/rules.ts';
export { loadOrMakeSecret } from './config/secret.ts';
export { fallbackText, flagOf, type Setting, tomlKey, variableOf } from './config/setting.ts';
export { EXAMPLE, settingsPage, showConfig } from './config/show.ts';
export { type Config, SETTINGS } from './config/table.ts';
