/** Many idle WebSocket tunnels: the cost of each, and the time until all get a close frame. */
@NullMarked
package dev.understudy.bench.tunnel;

import org.jspecify.annotations.NullMarked;
