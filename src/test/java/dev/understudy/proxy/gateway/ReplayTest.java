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
        two; master freezes; GET /; silent; failover a b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down a HEAD is replayed
        two; master freezes; HEAD /; silent; failover a b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down an OPTIONS is replayed
        two; master freezes; OPTIONS /; silent; failover a b; / 200; backup got 1
        retried SERVER_DOWN
      when a frozen server is judged down a POST is not replayed
        two; master freezes; POST / 10; silent; failover a b; / 502; backup got 0; retried
      when a frozen server is judged down a PUT is not replayed
        two; master freezes; PUT / 10; silent; failover a b; / 502; backup got 0; retried
      when a frozen server is judged down a DELETE is not replayed
        two; master freezes; DELETE / 10; silent; failover a b; / 502; backup got 0; retried
      a safe request waits if no server serves when its own is judged down
        two; master freezes; GET /; silent; serve none; down a; held 1; serve b; / 200 backup
      a request leaves a server that is down and then ceases to serve
        two; master freezes; down a; GET /; silent; serve b; / 200 backup
      a GET waits for the replicas while their server is down here
        two; silence a; GET / 10; held 1; serve b; / 200 backup; master got 0
      a POST waits for the replicas while their server is down here
        two; silence a; POST / 10; held 1; serve b; / 200 backup; master got 0
      a changed setting of a server disturbs no running request
        two; master answers later; POST / 10; at master 1; reincarnate a; go; / 200 master
      a frozen server is reported silent also while a client waits for 100 Continue
        two; master freezes; begin PUT / 4 Expect: 100-continue; silent; failover a b; / 502
      """)
  void a_request_whose_server_fails(Scenario story) {
    play(story);
  }
}
