package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.bench.faults.Call.End;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class HistoryPictureTest {
  private static final long BEGIN = 5;

  private static long at(long millis) {
    return BEGIN + TimeUnit.MILLISECONDS.toNanos(millis);
  }

  private static History history() {
    return new History(
        BEGIN,
        at(60_000),
        List.of(
            new Call("r1", "w1", true, at(0), at(500), End.OK, ""),
            new Call("r1", "w2", true, at(500), at(900), End.UNKNOWN, ""),
            new Call("r1", "r1", false, at(500), at(900), End.UNKNOWN, "")),
        List.of(
            new Hit(at(100), "sen2", "r1", 1, true, "w1"),
            new Hit(at(30_000), "sen1", "r1", 2, true, "w2"),
            new Hit(at(30_000), "sen1", "r2", Hit.NO_EPOCH, false, "r2"),
            new Hit(at(60_000), "sen1", "r3", 2, false, "after the end")),
        List.of(),
        List.of(
            new Window(Kind.KILL_SERVER, "sen2", at(1000), at(4000), ""),
            new Window(Kind.CUT, "r2-sen1", at(2000), at(70_000), "")),
        List.of(),
        false);
  }

  private static List<Element> elements(String name) throws Exception {
    Document picture =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(
                new ByteArrayInputStream(
                    HistoryPicture.of(history()).getBytes(StandardCharsets.UTF_8)));
    NodeList nodes = picture.getElementsByTagName(name);
    return IntStream.range(0, nodes.getLength())
        .mapToObj(index -> (Element) nodes.item(index))
        .toList();
  }

  private static List<Element> rectangles(String colour, String height) throws Exception {
    return elements("rect").stream()
        .filter(rectangle -> rectangle.getAttribute("fill").equals(colour))
        .filter(rectangle -> rectangle.getAttribute("height").equals(height))
        .toList();
  }

  @Test
  void faults_and_replicas_are_named() throws Exception {
    assertThat(elements("text"))
        .extracting(Element::getTextContent)
        .contains("kill-server sen2", "cut r2-sen1", "replica r1", "replica r2", "60 s")
        .doesNotContain("replica r3");
  }

  @Test
  void faults_at_the_same_time_are_in_rows_of_their_own_and_end_with_the_history()
      throws Exception {
    List<Element> faults = rectangles("#d8dde4", "14.0");
    assertThat(faults).extracting(fault -> fault.getAttribute("y")).containsExactly("40.0", "57.0");
    Element cut = faults.getLast();
    double right =
        Double.parseDouble(cut.getAttribute("x")) + Double.parseDouble(cut.getAttribute("width"));
    assertThat(right).isBetween(979.0, 981.0);
  }

  @Test
  void requests_have_the_colour_of_their_server_and_are_pale_if_their_replica_decided_alone()
      throws Exception {
    assertThat(rectangles("#b4540a", "20.0")).hasSize(1);
    assertThat(rectangles("#0b63c5", "20.0"))
        .extracting(request -> request.getAttribute("opacity"))
        .containsExactly("", "0.35");
  }

  @Test
  void write_without_a_known_end_is_marked_and_a_read_is_not() throws Exception {
    assertThat(rectangles("#c0273f", "8.0")).hasSize(1);
  }
}
