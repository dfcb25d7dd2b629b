/** How long transfers take over networks with a delay, with HAProxy beside. */
@NullMarked
package dev.understudy.bench.network;

import org.jspecify.annotations.NullMarked;
