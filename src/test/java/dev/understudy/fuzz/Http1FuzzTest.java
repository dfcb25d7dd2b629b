package dev.understudy.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.FuzzedProxy;
import dev.understudy.testing.LeakWatch;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random and damaged HTTP/1 in both lanes. A failure names its seed; {@code
 * -Dunderstudy.fuzz.seed} plays it again, {@code -Dunderstudy.fuzz.cases} plays more.
 */
@ExtendWith(LeakWatch.class)
class Http1FuzzTest {
  private static final int CASES = Integer.getInteger("understudy.fuzz.cases", 1000);
  private static final long SEED =
      Long.getLong("understudy.fuzz.seed", new Random().nextInt(Integer.MAX_VALUE));
  private static final int MOST_FAILURES = Integer.getInteger("understudy.fuzz.failures", 1);

  private static Script.Segment seg(String text) {
    return new Script.Segment(StrictServer.ascii(text), Script.Wait.READ);
  }

  @TempDir static Path folder;

  @Test
  void whatever_a_client_sends_the_server_reads_what_was_counted_and_responses_belong()
      throws Exception {
    List<Failure> failures = new ArrayList<>();
    try (StrictServer server = new StrictServer();
        FuzzedProxy proxy = new FuzzedProxy(folder, false, server.port())) {
      Http1Fuzz fuzz = new Http1Fuzz(proxy, server, false);
      for (String lane : List.of("e", "g")) {
        for (String target : List.of("redirect/a-ok/1", "plain/a-early/1", "plain/a-ok/1")) {
          Script script =
              new Script(
                  1,
                  List.of(
                      seg(
                          "POST /" + lane + "/" + target + " HTTP/1.1\r\nHost: h\r\n"
                              + "Transfer-Encoding: chunked\r\n\r\n"),
                      seg("zz\r\n"),
                      seg("GET /e/plain/a-ok/2 HTTP/1.1\r\nHost: h\r\n\r\n")),
                  Script.End.READ,
                  false,
                  false);
          System.out.println(lane + target + " " + fuzz.failure(script, 3_000_000_000L));
        }
      }
      java.util.Map<String, Integer> kinds = new java.util.TreeMap<>();
      long start = System.nanoTime();
      for (long seed = SEED; seed < SEED + CASES && failures.size() < MOST_FAILURES; seed++) {
        Failure found = fuzz.unshrunk(seed);
        if (found != null && kinds.merge(Shrinker.kind(found), 1, Integer::sum) > 0 && System.getProperty("understudy.fuzz.only", "").isEmpty() | Shrinker.kind(found).contains(System.getProperty("understudy.fuzz.only", "-")) && kinds.get(Shrinker.kind(found)) <= Integer.getInteger("understudy.fuzz.same", 1)) {
          found = fuzz.failure(seed) instanceof Failure f ? f : found;
          failures.add(found);
          System.out.println((seed - SEED + 1) + ": " + found + "\n");
          System.out.flush();
        }
      }
      System.out.println((System.nanoTime() - start) / 1_000_000 + " ms " + kinds);
    }
    assertThat(failures).as("failures").hasSize(0);
  }
}
