/** The trust anchor of a zone that rolls its key, read from the lines that tell of it. */
import { ConfigError } from '../../config.ts';
import { parseRollLabel, type RollLabel } from '../../zone/roll/label.ts';
import { type DnskeyFields, type DsFields, dnskeyText, dsText, readDnskey, readDs } from './record.ts';
import { textsOf } from './told.ts';

export interface Anchor {
  /** Final dot. */
  readonly zone: string;
  readonly label: RollLabel;
  /** Whole records on one line, as configuration files take them. */
  readonly dnskey: string;
  readonly ds: string;
  /** RDATA of both in presentation form. */
  readonly dnskeyFields: DnskeyFields;
  readonly dsFields: DsFields;
}

/**
 * @param lines all of one zone
 * @throws {ConfigError} where they name no anchor: an older server, or none of ours
 */
export function anchorOf(lines: readonly string[]): Anchor {
  const [zone = ''] = textsOf(lines, 'zone');
  const label = parseRollLabel(zone.split('.')[0]!);
  const records = [...textsOf(lines, 'anchor (old key)'), ...textsOf(lines, 'anchor (new key)')];
  const dnskeyFields = firstOf(records, (record) => readDnskey(record, zone));
  const dsFields = firstOf(records, (record) => readDs(record, zone));
  if (!label || !dnskeyFields || !dsFields)
    throw new ConfigError('the lines that came name no trust anchor of a zone that rolls its key');
  return {
    zone,
    label,
    dnskey: dnskeyText(zone, dnskeyFields),
    ds: dsText(zone, dsFields),
    dnskeyFields,
    dsFields,
  };
}

function firstOf<T>(records: readonly string[], read: (record: string) => T | undefined): T | undefined {
  return records.map(read).find((fields) => fields !== undefined);
}
