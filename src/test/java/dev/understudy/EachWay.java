package dev.understudy;

import dev.understudy.testing.Extent;
import dev.understudy.testing.Protocol;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A test with what a lane's paths begin with, and a protocol: in each lane over all of them, in the
 * gate at the {@link Extent#ends}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@Tag(Extent.FULL)
@ParameterizedTest
@MethodSource("dev.understudy.EachWay$Ways#all")
@interface EachWay {
  /** Lanes and protocols as arguments. */
  final class Ways {
    private Ways() {}

    static Stream<Arguments> all() {
      return Extent.ends(
          TestProxy.LANES.stream()
              .flatMap(lane -> Protocol.STATIC.stream().map(each -> Arguments.of(lane, each))));
    }

    /**
     * Each row in each way, with the host of its route, and the protocol.
     *
     * @param host of the row with that number, and the protocol's; {@code LANE} stands for the lane
     */
    static <T> Stream<Arguments> of(List<T> rows, Function<T, String> name, String host) {
      return IntStream.range(0, rows.size())
          .boxed()
          .flatMap(row -> all().map(way -> of(rows.get(row), row, name, host, way.get())));
    }

    private static <T> Arguments of(
        T row, int number, Function<T, String> name, String host, Object[] way) {
      String of =
          host.formatted(number, ((Protocol) way[1]).ordinal())
              .replace("LANE", way[0].toString().replace("/", ""));
      return Arguments.argumentSet(name.apply(row) + ", " + of + ", " + way[1], row, of, way[1]);
    }
  }
}
