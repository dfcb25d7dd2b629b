package dev.understudy.proxy.gateway;

import dev.understudy.testing.Scenario;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests whose server fails before it responds: replayed, or ended with 502. */
@ParameterizedClass
@MethodSource("lanes")
class ReplayTest extends StoryTable {
  @Scenario.Each(
      """
      a connection that breaks before the response is replayed for idempotent methods: GET
        two; master resets once; GET / 5000; / 200 again 5000; retried BROKEN; trouble BROKEN
        attempts 2
      a connection that breaks before the response is replayed for idempotent methods: PUT
        two; master resets once; PUT / 5000; / 200 again 5000; retried BROKEN; trouble BROKEN
        attempts 2
      a connection that breaks before the response is replayed for idempotent methods: DELETE
        two; master resets once; DELETE / 5000; / 200 again 5000; retried BROKEN; trouble BROKEN
        attempts 2
      a request is sent no more often than its attempts allow
        two; master resets; GET /; / 502; master got 2; end SERVER_FAILED
      a post is never sent twice
        two; master resets; POST / 10; / 502; master got 1; backup got 0
      a post with an idempotency key is replayed where that is allowed
        two keyed; master resets once; POST / 10 Idempotency-Key: 1; / 200 again 10
      a body too large to keep is not replayed
        two hold 10; master resets; PUT / 1001; / 502; master got 1
      a request cut by the death of the master is served by the backup
        two; master waits; GET /; at master 1; master dies; held 1; failover a b; / 200 backup
      when a frozen server is judged down a GET is replayed
        two; master freezes; GET /; silent; silence a; serve b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down a HEAD is replayed
        two; master freezes; HEAD /; silent; silence a; serve b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down an OPTIONS is replayed
        two; master freezes; OPTIONS /; silent; silence a; serve b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down a POST is not replayed
        two; master freezes; POST / 10; silent; silence a; serve b; / 502; backup got 0; retried
      when a frozen server is judged down a PUT is not replayed
        two; master freezes; PUT / 10; silent; silence a; serve b; / 502; backup got 0; retried
      when a frozen server is judged down a DELETE is not replayed
        two; master freezes; DELETE / 10; silent; silence a; serve b; / 502; backup got 0; retried
      a safe request waits if no server serves when its own is judged down
        two; master freezes; GET /; silent; serve none; silence a; held 1; serve b; / 200 backup
      a request leaves a server that is down and then ceases to serve
        two; master freezes; down a; GET /; silent; silence a; serve b; / 200 backup
      a GET waits for the replicas while their server is down here
        two; silence a; GET / 10; held 1; serve b; / 200 backup; master got 0
      a POST waits for the replicas while their server is down here
        two; silence a; POST / 10; held 1; serve b; / 200 backup; master got 0
      a server that is DOWN as new connections are refused finishes what it has: GET
        two; master answers later; GET /; at master 1; ends CONNECT_FAILED; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as a check is answered badly finishes what it has: GET
        two; master answers later; GET /; at master 1; ends BAD_STATUS; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as an agent says so finishes what it has: GET
        two; master answers later; GET /; at master 1; ends OK; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as new connections are refused finishes what it has: POST
        two; master answers later; POST / 10; at master 1; ends CONNECT_FAILED; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as a check is answered badly finishes what it has: POST
        two; master answers later; POST / 10; at master 1; ends BAD_STATUS; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as an agent says so finishes what it has: POST
        two; master answers later; POST / 10; at master 1; ends OK; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as new connections are refused finishes what it has: PUT
        two; master answers later; PUT / 10; at master 1; ends CONNECT_FAILED; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as a check is answered badly finishes what it has: PUT
        two; master answers later; PUT / 10; at master 1; ends BAD_STATUS; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN as an agent says so finishes what it has: PUT
        two; master answers later; PUT / 10; at master 1; ends OK; go; / 200 master
        master got 1; backup got 0; retried
      a server that is DOWN and not silent finishes a POST with an idempotency key
        two keyed; master answers later; POST / 10 Idempotency-Key: 1; at master 1
        ends CONNECT_FAILED; go; / 200 master; backup got 0; retried
      an upload goes on at a server that refuses new connections
        two; master answers later; begin PUT / 4 X-Upload: 1; at master 1; ends CONNECT_FAILED; sends / 4; go
        / 200 master; backup got 0; retried
      a download goes on at a server that refuses new connections, however old it is
        two undrained; master begins a download; GET /; / begins 4; ends CONNECT_FAILED; go
        / 200 123456789012
      what waits at a server that refused connections and then dies is replayed if that is safe
        two; master waits; GET /; at master 1; ends CONNECT_FAILED; master dies; / 200 backup
        retried BROKEN
      what waits at a server that refused connections and then dies is lost if it is a POST
        two; master waits; POST / 10; at master 1; ends CONNECT_FAILED; master dies; / 502
        backup got 0
      what waits at a server that refused connections and then falls silent is replayed if safe
        two; master freezes; GET /; silent; ends CONNECT_FAILED; silence a; / 200 backup
        retried SERVER_DOWN
      what waits at a server that refused connections and then falls silent is lost if it is a POST
        two; master freezes; POST / 10; silent; ends CONNECT_FAILED; silence a; / 502
        backup got 0
      a new request goes to the server that took over while the old one finishes
        two; master answers later; POST /old 10; at master 1; ends CONNECT_FAILED
        GET /new; /new 200 backup; go; /old 200 master
      a changed setting of a server disturbs no running request
        two; master answers later; POST / 10; at master 1; reincarnate a; go; / 200 master
      a frozen server is reported silent also while a client waits for 100 Continue
        two; master freezes; begin PUT / 4 Expect: 100-continue; silent; silence a; serve b; / 502
      """)
  void a_request_whose_server_fails(Scenario story) {
    play(story);
  }
}
