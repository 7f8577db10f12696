/** W2 by hand, the whole answer as JSON: `$1` org, `$2` thing. */
export const thingStatement = `
  select concat('{"data":{"thing":{"id":"', id, '","name":', to_json(name), ',"placeId":"', place_id, '","typeId":"',
    thing_type_id, '","createdAt":"', to_char(created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), '"}}}')
  from app.things where org_id = $1 and id = $2`;
