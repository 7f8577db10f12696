/** A new name for a thing, and the audit entry that the product writes: `$1` org, `$2` thing, `$3` name, `$4` actor. */
export const updateStatement = `
  with changed as (
    update app.things set name = $3, updated_at = now(), updated_by = $4 where org_id = $1 and id = $2
    returning new.id as id, new.name as name, new.place_type, new.place_id, new.thing_type_id, to_json(old) as before
  )
  select id, name, audit.append('updateThing',
    concat('PLACE/', place_type, '/', place_id, '/THING/', thing_type_id, '/', id), 'SUCCEEDED', null,
    json_build_object('input', json_build_object('id', id, 'name', name), 'before', before)::text)
  from changed`;
