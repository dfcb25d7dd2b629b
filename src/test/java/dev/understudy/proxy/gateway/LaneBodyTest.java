package dev.understudy.proxy.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Scenario;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.DefaultEventLoop;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import reactor.core.publisher.BaseSubscriber;

/**
 * What a subscriber and a source of a body see, each step a task of the event loop: {@code read}
 * subscribes and asks for so many pieces, {@code ask} asks for more, and {@code off} does it on
 * another thread; {@code sees} names all that has happened since the last such step, and {@code
 * holds} the bytes that wait.
 */
class LaneBodyTest {
  private static final EventLoop LOOP = new DefaultEventLoop();

  private final List<String> seen = new ArrayList<>();
  private final List<ByteBuf> pieces = new ArrayList<>();
  private boolean beginsEmpty;
  private boolean addsWhenWanted;
  private int asksAgain;
  private long counted;

  private final LaneBody body =
      new LaneBody(
          LOOP,
          change -> counted += change,
          new LaneBody.Source() {
            @Override
            public void wanted() {
              seen.add("wanted");
              if (addsWhenWanted) {
                addsWhenWanted = false;
                body.add(piece("w"));
              }
            }

            @Override
            public void subscribed() {
              seen.add("subscribed");
            }

            @Override
            public void cancelled() {
              seen.add("cancelled");
            }

            @Override
            public boolean beginsEmpty() {
              return beginsEmpty;
            }
          });

  private Reader reader;

  /** Notes what comes, and releases it. */
  private final class Reader extends BaseSubscriber<DataBuffer> {
    private final String name;
    private final String first;

    Reader(String name, String first) {
      this.name = name;
      this.first = first;
    }

    @Override
    protected void hookOnSubscribe(Subscription subscription) {
      ask(first);
    }

    void ask(String pieces) {
      if (!pieces.equals("0")) {
        request(pieces.equals("all") ? Long.MAX_VALUE : Long.parseLong(pieces));
      }
    }

    @Override
    protected void hookOnNext(DataBuffer data) {
      assertThat(LOOP.inEventLoop()).isTrue();
      String text = data.toString(StandardCharsets.US_ASCII);
      DataBufferUtils.release(data);
      seen.add(name + (text.isEmpty() ? "nothing" : text));
      if (text.equals("stop")) {
        cancel();
      }
      if (asksAgain-- > 0) {
        request(1);
      }
      seen.add(".");
    }

    @Override
    protected void hookOnComplete() {
      seen.add(name + "end");
    }

    @Override
    protected void hookOnError(Throwable error) {
      seen.add(name + (error instanceof IOException ? error.getMessage() : "refused"));
    }
  }

  private ByteBuf piece(String text) {
    ByteBuf made = ByteBufAllocator.DEFAULT.buffer();
    pieces.add(made.writeBytes(text.getBytes(StandardCharsets.US_ASCII)));
    return made;
  }

  @AfterAll
  static void stop() {
    LOOP.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  @AfterEach
  void everything_is_freed() {
    onLoop(body::discard);
    assertThat(counted).isZero();
    assertThat(pieces).allMatch(each -> each.refCnt() == 0);
  }

  private static void onLoop(Runnable task) {
    Future<?> done = LOOP.submit(task).awaitUninterruptibly();
    if (done.cause() instanceof Error failed) {
      throw failed;
    }
    assertThat(done.cause()).isNull();
    LOOP.submit(() -> {}).syncUninterruptibly();
  }

  private void step(Scenario.Words words) {
    if (words.at(0).equals("off")) {
      act(words.from(1));
      onLoop(() -> {});
    } else {
      onLoop(() -> List.of(words.from(0).split(" and ")).forEach(this::act));
    }
  }

  private void act(String step) {
    String[] words = step.split(" ", 2);
    String object = words.length > 1 ? words[1] : "";
    switch (words[0]) {
      case "slow" -> beginsEmpty = true;
      case "prompt" -> addsWhenWanted = true;
      case "again" -> asksAgain = Integer.parseInt(object);
      case "read" -> {
        reader = new Reader("", object);
        body.subscribe(reader);
      }
      case "ask" -> reader.ask(object);
      case "another" -> body.subscribe(new Reader("other-", "1"));
      case "whole" -> body.whole().subscribe(new Reader("whole-", "1"));
      case "add" -> body.add(piece(object));
      case "end" -> body.end();
      case "fail" -> body.fail(new LaneBody.BrokenOffException(object));
      case "break" -> body.breakOff(new LaneBody.BrokenOffException(object));
      case "cancel" -> reader.cancel();
      case "discard" -> body.discard();
      case "sees" -> {
        assertThat(String.join(" ", seen)).isEqualTo(object);
        seen.clear();
      }
      case "holds" -> assertThat(counted).isEqualTo(Integer.parseInt(object));
      case "is" -> assertThat(state()).isEqualTo(object);
      default -> throw new IllegalArgumentException(step);
    }
  }

  private String state() {
    return body.isClosed()
        ? "closed"
        : body.isWhole() ? "complete" : body.isWanted() ? "wanted" : "open";
  }

  @Scenario.Each(
      """
      a piece that was asked for comes at once and never waits
        read 1; sees subscribed wanted; add a; sees a .; holds 0
      what comes without demand waits in one buffer that counts
        read 0; add a; add bc; add d; holds 4; sees subscribed; ask 1; sees abcd .; holds 0
      what comes before the subscriber waits, too
        add a; add b; holds 2; read 1; sees subscribed ab .; holds 0
      the source is told of demand for what is not at hand alone
        read 0; add a; ask 1; sees subscribed a .; ask 1; sees wanted
      the source is told once before each piece
        read 1; ask 1; sees subscribed wanted; add a; add b; sees a . b .; add c; sees ; holds 1
      the source may give a piece while it is told
        prompt; read 1; sees subscribed wanted w .
      a reader that asks again for each piece gets all, one after the other
        read 0; again 9; add a; ask 1; sees subscribed a wanted .; add b; sees b wanted .
      a piece that comes while the reader has another one waits until it is done
        read 0; again 1; prompt; add a; ask 1; sees subscribed a wanted . w .
      unlimited demand is told once and never used up
        read all; sees subscribed wanted; add a; add b; end; sees a . b . end
      there is one subscriber
        read 1; another; sees subscribed wanted other-refused; add a; sees a .
      a reader of another thread is served by the loop
        off read 1; sees subscribed wanted; add a; sees a .; off ask 1; sees wanted; off cancel; sees cancelled
      the end follows what waits
        read 0; add a; end; sees subscribed; ask 1; sees a . end
      the end needs no demand
        read 0; end; sees subscribed end
      an end before the subscriber is not lost
        end; read 0; sees subscribed end
      a failure follows what waits
        read 0; add a; fail broken; sees subscribed; ask 1; sees a . broken
      a failure needs no demand
        read 0; fail broken; sees subscribed broken
      a body that is broken off loses what waits
        add a; break broken; holds 0; read 0; sees subscribed broken
      nothing is added to a body that has failed
        break broken; add a; holds 0; read 1; sees subscribed broken
      an end cannot be broken off
        read 1; end; break broken; sees subscribed wanted end
      a body that does not begin at once begins empty, if it has to
        slow; read 2; sees subscribed wanted nothing .; add a; sees a .
      a body that begins at once does not
        slow; read 2 and add a; sees subscribed wanted a .; add b; sees b .
      an empty beginning waits for demand
        slow; read 0; sees subscribed; ask 1; sees wanted nothing .; ask 1; sees wanted
      a body that has ended does not begin empty
        slow; end; read 1; sees subscribed end
      a failure before the first piece follows an empty one
        slow; fail broken; read 0; sees subscribed; ask 1; sees nothing . broken
      a failure before any piece was given follows those that wait
        slow; add a; fail broken; read 1; sees subscribed a . broken
      a failure behind the first piece comes alone
        slow; read 1 and add a; fail broken; sees subscribed wanted a . broken
      a cancelled body drops what waits, and tells the source
        read 0; add a; cancel; sees subscribed cancelled; holds 0; is closed; add b; holds 0; end; sees
      a reader may cancel while it gets a piece
        read 0; add stop; ask all; sees subscribed stop cancelled .; is closed; add a; holds 0
      a body that has ended is cancelled without a word
        read 0; add a; end; cancel; sees subscribed; holds 0
      what nobody reads can be discarded once
        add a; discard; discard; sees cancelled; holds 0; is closed
      it is wanted while more is asked for than is at hand
        is open; read 0; is open; ask 1; is wanted; add a; is open
      it is complete with all its pieces before anybody reads
        is open; add a; is open; end; is complete
      a complete body is taken once
        add a; add b; end; is complete; whole; sees whole-ab . whole-end; is closed; whole; sees whole-refused
      a body that somebody reads is not taken as a whole
        add a; read 0; end; is open; whole; sees subscribed whole-refused; ask 1; sees a . end
      an empty body is not complete
        end; is open; whole; sees whole-refused
      a body that has failed is not complete
        add a; fail broken; is open; whole; sees whole-refused
      """)
  void a_body(Scenario story) {
    story.play(this::step);
  }
}
