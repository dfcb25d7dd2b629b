/** What a proxy needs more for each pool, client, WebSocket and event. */
@NullMarked
package dev.understudy.bench.growth;

import org.jspecify.annotations.NullMarked;
