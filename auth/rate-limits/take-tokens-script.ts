/**
 * `platform.take_tokens` for Redis: the same arithmetic in whole microseconds, whose comments say why. One hash is both
 * buckets of one organization; what is not there is full. Redis runs one script at a time, by its own clock.
 *
 * KEYS: the hash. ARGV, for STANDARD and then DATA_READ: cost, more, held, back, tokens a minute, burst.
 * Answers whether it was granted, and for each bucket: remaining, milliseconds to wait, milliseconds until it is full,
 * tokens taken in advance.
 */
export const takeTokensScript = `
local time = redis.call('TIME')
local clock = time[1] * 1000000 + time[2]
local kept = redis.call('HMGET', KEYS[1], 'arrival1', 'arrival2', 'rate1', 'rate2', 'held1', 'held2', 'heldUntil')
local heldUntil = tonumber(kept[7]) or 0
local buckets, fits, isCharged, wasHeld, isTaken = {}, true, false, false, false
for i = 1, 2 do
  local cost, more, held, back, rate, burst = unpack(ARGV, i * 6 - 5, i * 6)
  local b = { cost = cost + 0, more = more + 0, rate = rate + 0, burst = burst + 0, wait = 0, taken = 0, holding = 0 }
  b.emission = math.floor(60000000 / b.rate + 0.5)
  b.missing = math.max(0, (tonumber(kept[i]) or 0) - clock)
  local oldRate = tonumber(kept[2 + i]) or b.rate
  if oldRate ~= b.rate then
    b.missing = math.floor(math.min(b.missing * oldRate / b.rate, 60000000 / b.rate * b.burst))
  end
  local returned = 0
  if heldUntil > clock then
    local out = tonumber(kept[4 + i]) or 0
    returned = math.min(back + 0, out)
    b.holding = math.max(0, out - held)
  end
  if returned <= math.floor(b.burst / 20) then b.missing = b.missing - returned * b.emission end
  b.missing = math.max(b.missing, b.holding * b.emission)
  b.wait = math.max(0, b.missing + (b.cost - b.burst) * b.emission)
  if b.cost > 0 and b.wait > 0 then fits = false end
  isCharged = isCharged or b.cost > 0
  wasHeld = wasHeld or held + 0 > 0
  buckets[i] = b
end
local answer = { fits and 1 or 0 }
for i, b in ipairs(buckets) do
  if fits then
    b.missing = b.missing + b.cost * b.emission
    b.taken = math.max(0, math.min(b.more, math.floor(b.burst / 20) - b.holding,
      math.floor(b.burst / 2) - math.ceil(b.missing / b.emission)))
    b.missing = b.missing + b.taken * b.emission
    b.holding = b.holding + b.taken
    isTaken = isTaken or b.taken > 0
  end
  answer[#answer + 1] = math.max(0, b.burst - math.ceil(b.missing / b.emission))
  answer[#answer + 1] = fits and 0 or math.ceil(b.wait / 1000)
  answer[#answer + 1] = math.ceil(b.missing / 1000)
  answer[#answer + 1] = b.taken
end
if fits and isCharged or wasHeld then
  if isTaken then heldUntil = clock + 2000000 end
  local one, two = buckets[1], buckets[2]
  redis.call('HSET', KEYS[1],
    'arrival1', string.format('%.0f', clock + one.missing), 'arrival2', string.format('%.0f', clock + two.missing),
    'rate1', one.rate, 'rate2', two.rate, 'held1', one.holding, 'held2', two.holding,
    'heldUntil', string.format('%.0f', heldUntil))
  redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(one.missing, two.missing) / 1000) + 2000)
end
return answer
`;
