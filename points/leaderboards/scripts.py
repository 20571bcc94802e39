"""What has to happen inside Redis in one step, as Lua. All keys of a script are one programme's, so on one node."""

from typing import Final

READ: Final = """
-- KEYS: board, built marker. ARGV: places from the top, places around, member or ''.
-- Returns: built?, members, top, my rank or false, around; lists are member, score, member, score ...
if redis.call('EXISTS', KEYS[2]) == 0 then return {0} end
local top = redis.call('ZRANGE', KEYS[1], 0, ARGV[1] - 1, 'WITHSCORES')
local rank = redis.call('ZRANK', KEYS[1], ARGV[3])
local around = {}
if rank then
  local from = math.max(rank - ARGV[2], 0)
  around = redis.call('ZRANGE', KEYS[1], from, rank + ARGV[2], 'WITHSCORES')
end
return {1, redis.call('ZCARD', KEYS[1]), top, rank, around}
"""
"""Reads a board for one person. A missing marker means that nobody has built the board since Redis lost it."""

APPLY: Final = """
-- KEYS: board, built marker, rebuild lock, projection lock. ARGV: token, then member and score ('' to take out) ...
if redis.call('GET', KEYS[4]) ~= ARGV[1] then return 'superseded' end
if redis.call('EXISTS', KEYS[3]) == 1 then return 'rebuilding' end
if redis.call('EXISTS', KEYS[2]) == 0 then return 'not_built' end
for i = 2, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('ZREM', KEYS[1], ARGV[i])
  else redis.call('ZADD', KEYS[1], ARGV[i + 1], ARGV[i]) end
end
return 'applied'
"""
"""Writes absolute scores, unless the board is being rebuilt (it could be swapped for an older one) or is not there."""

SWAP: Final = """
-- KEYS: rebuild lock, building, board, built marker. ARGV: token, seconds to keep or 0.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  redis.call('DEL', KEYS[2])
  return 0
end
if redis.call('EXISTS', KEYS[2]) == 1 then redis.call('RENAME', KEYS[2], KEYS[3])
else redis.call('DEL', KEYS[3]) end
redis.call('SET', KEYS[4], 1)
if ARGV[2] == '0' then redis.call('PERSIST', KEYS[3])
else
  redis.call('EXPIRE', KEYS[3], ARGV[2])
  redis.call('EXPIRE', KEYS[4], ARGV[2])
end
redis.call('DEL', KEYS[1])
return 1
"""
"""Puts a board built beside in its place, if it is still ours to do so."""

TAKE_DIRTY: Final = """
-- KEYS: dirty, processing. What an earlier run left behind is taken again.
redis.call('SUNIONSTORE', KEYS[2], KEYS[2], KEYS[1])
redis.call('DEL', KEYS[1])
return redis.call('SMEMBERS', KEYS[2])
"""

DONE_DIRTY: Final = """
-- KEYS: projection lock, processing, dirty. ARGV: token, then members to be done again.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #ARGV do redis.call('SADD', KEYS[3], ARGV[i]) end
return redis.call('DEL', KEYS[2])
"""

EXTEND: Final = """
-- KEYS: lock. ARGV: token, milliseconds.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""

UNLOCK: Final = """
-- KEYS: lock. ARGV: token.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
"""
