/** Many idle WebSocket tunnels: what each costs, and how fast all of them are told. */
@NullMarked
package dev.understudy.bench.tunnel;

import org.jspecify.annotations.NullMarked;
