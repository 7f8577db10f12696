/** What the demo organization consists of. Names are unique by kind: an interrupted creation is continued by name. */

/** Metrics as `createMetric` takes them. */
export const metrics = [
  { name: 'Temperature', dataType: 'DOUBLE', defaultAggregation: 'AVG', unitLabel: '°C' },
  { name: 'Humidity', dataType: 'DOUBLE', defaultAggregation: 'AVG', unitLabel: '%' },
  { name: 'CO2', dataType: 'INT', defaultAggregation: 'AVG', unitLabel: 'ppm' },
  { name: 'Occupied', dataType: 'BOOL', defaultAggregation: 'LAST' },
  { name: 'Speed', dataType: 'DOUBLE', defaultAggregation: 'AVG', unitLabel: 'km/h' },
  { name: 'Battery', dataType: 'DOUBLE', defaultAggregation: 'LAST', unitLabel: '%' },
  { name: 'Odometer', dataType: 'INT', defaultAggregation: 'LAST', unitLabel: 'km' },
] as const;

/** Thing types as `createThingType` takes them, with metrics by name. */
export const thingTypes = [
  {
    displayName: 'Room Sensor',
    description: 'Climate and presence in one room.',
    metrics: ['Temperature', 'Humidity', 'CO2', 'Occupied'],
    propertyDefinitions: [
      {
        name: 'room',
        valueType: 'STRING',
        description: 'Name on the door.',
        constraints: { required: true, maxLength: 50 },
      },
      { name: 'heightAboveFloor', valueType: 'DOUBLE', unit: 'm', constraints: { min: 0, max: 30 } },
    ],
  },
  {
    displayName: 'Delivery Van',
    description: 'Electric van with a telematics unit.',
    metrics: ['Speed', 'Battery', 'Odometer'],
    propertyDefinitions: [
      { name: 'plate', valueType: 'STRING', description: 'Registration plate.', constraints: { required: true } },
      { name: 'capacity', valueType: 'INT', unit: 'kg', constraints: { min: 100, max: 3500 } },
    ],
  },
] as const;

/** Sites with their levels; a level names its type and, below the top, its parent. */
export const sites = [
  {
    site: { name: 'Harbour Office', latitude: 51.9054, longitude: 4.4667, address: 'Wilhelminakade 1, Rotterdam' },
    levelTypes: [{ name: 'Building' }, { name: 'Floor', parents: ['Building'] }],
    levels: [
      { name: 'Main Building', type: 'Building' },
      { name: 'Ground Floor', type: 'Floor', parent: 'Main Building' },
      { name: 'First Floor', type: 'Floor', parent: 'Main Building' },
    ],
  },
  {
    site: { name: 'North Warehouse', latitude: 53.2194, longitude: 6.5665, address: 'Osloweg 20, Groningen' },
    levelTypes: [{ name: 'Hall' }],
    levels: [{ name: 'Cold Hall', type: 'Hall' }],
  },
] as const satisfies readonly DemoSite[];

/** A site of the demo. */
export interface DemoSite {
  readonly site: {
    readonly name: string;
    readonly latitude: number;
    readonly longitude: number;
    readonly address: string;
  };
  readonly levelTypes: readonly { readonly name: string; readonly parents?: readonly string[] }[];
  readonly levels: readonly { readonly name: string; readonly type: string; readonly parent?: string }[];
}

/** Fleets as `createFleet` takes them. */
export const fleets = [{ name: 'City Vans' }] as const;

/** A thing of the demo: place and level by name. */
export interface DemoThing {
  readonly name: string;
  readonly typeName: (typeof thingTypes)[number]['displayName'];
  readonly place: string;
  readonly level?: string;
  readonly properties: Readonly<Record<string, string | number>>;
}

/** All things of the demo. */
export const things: readonly DemoThing[] = [
  sensor('Reception Sensor', 'Harbour Office', 'Ground Floor', 'Reception'),
  sensor('Canteen Sensor', 'Harbour Office', 'Ground Floor', 'Canteen'),
  sensor('Meeting Room Sensor', 'Harbour Office', 'First Floor', 'Meeting Room 1.04'),
  sensor('Loading Bay Sensor', 'North Warehouse', undefined, 'Loading Bay'),
  sensor('Cold Hall Sensor', 'North Warehouse', 'Cold Hall', 'Cold Hall'),
  van('Van 1', 'BH-001-X', 850),
  van('Van 2', 'BH-002-X', 850),
  van('Van 3', 'BH-003-X', 1200),
];

function sensor(name: string, place: string, level: string | undefined, room: string): DemoThing {
  const properties = { room, heightAboveFloor: 1.5 };
  return { name, typeName: 'Room Sensor', place, properties, ...(level === undefined ? {} : { level }) };
}

function van(name: string, plate: string, capacity: number): DemoThing {
  return { name, typeName: 'Delivery Van', place: 'City Vans', properties: { plate, capacity } };
}
