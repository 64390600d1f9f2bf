-- Asks what a file says, line after line, each thread from a place of its own: wrk … -s ask.lua URL -- FILE
-- In the file \1 stands for the end of a line of the request and \2 for one of its body. Ends with a line of JSON, times in milliseconds.
local lines, made, threads = {}, 0, 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(args)
  for line in io.lines(args[1]) do
    lines[#lines + 1] = line:gsub("\1", "\r\n"):gsub("\2", "\n")
  end
  made = math.floor(number * #lines / 2)
end

function request()
  made = made + 1
  return lines[(made - 1) % #lines + 1]
end

function done(summary, latency)
  local errors = summary.errors
  local wrong = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"requests": %d, "seconds": %f, "wrong": %d, "p50": %f, "p99": %f}\n', summary.requests, summary.duration / 1e6, wrong,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
