/** The part of JSON Schema that the examples use. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

/** Whether a value is what a schema of the examples asks for. */
export function fitsSchema(value: unknown, schema: object): boolean {
  const { type, enum: values, items, properties = {}, required = [], additionalProperties = true } = schema as Schema;
  if (values && !values.includes(value)) return false;
  switch (type) {
    case "object": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
      if (required.some((key) => !Object.hasOwn(value, key))) return false;
      return Object.entries(value).every(([key, member]) =>
        Object.hasOwn(properties, key) ? fitsSchema(member, properties[key]!) : additionalProperties,
      );
    }
    case "array":
      return Array.isArray(value) && value.every((item) => items === undefined || fitsSchema(item, items));
    case "integer":
      return Number.isInteger(value);
    default:
      return type === undefined || typeof value === type;
  }
}
