package org.ebpf4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// `ebpf verify`: verdicts without a kernel.
class VerifyCommandTest {
  private static final Path FAULTS = Path.of("src/test/resources/faults.bpf.o");

  @TempDir private Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"firewall", "flowtable", "balancer", "synguard", "dnslog", "dispatcher"})
  void theExamplesAreAccepted(String example) {
    Invocation run =
        Invocation.of("verify", Invocation.example(example + "/" + example + ".bpf.o"));
    assertThat(run.out()).contains(": accepted").doesNotContain("refused", "not judged");
    assertThat(run.err()).isEmpty();
    assertThat(run.code()).isZero();
  }

  @Test
  void aRefusalGivesTheKernelsWordsAndTheSourceLine() {
    Path object = Path.of("src/test/resources/unchecked.bpf.o");
    Invocation run = Invocation.of("verify", object);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains("R1 offset is outside of the packet", "unchecked.bpf.c:17: return packet[0]");
    assertThat(Invocation.of("verify", "--json", object).out())
        .contains("\"verdict\":\"reject\"", "\"source\":\"./unchecked.bpf.c:17\"");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "reads_beyond_the_packet   | R1 offset is outside of the packet",
        "forgets_that_lookups_fail | R0 invalid mem access 'map_value_or_null'",
        "leaks_a_record            | BPF_EXIT instruction in main prog would lead to reference leak",
        "trusts_a_number           | invalid variable-offset write to stack R2"
            + " var_off=(0x0; 0xff) off=-16 size=1",
        "never_ends                | infinite loop detected at insn 7",
      })
  void mistakesAreExplained(String program, String reason) {
    Invocation run =
        Invocation.of(
            "verify", Invocation.example("mistakes/mistakes.bpf.o"), "--program", program);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out())
        .contains(
            program + ": refused: " + reason, "  at ./mistakes/mistakes.bpf.c:", "  to pass: ");
  }

  /// What CO-RE does not find is named by whoever meets the call that it left there.
  @Test
  void whatKernelTypesLackIsNamed() {
    Path object = Path.of("src/test/resources/traced.bpf.o");
    Object[] words = {object, "--btf", FAULTS, "--program", "read_parent"};
    Invocation verified = Invocation.of("verify", words[0], words[1], words[2], words[3], words[4]);
    assertThat(verified.out())
        .contains("refused: invalid func unknown#195896080", "to pass: CO-RE could not adjust")
        .contains("struct task_struct");
    Invocation run =
        Invocation.of("run", words[0], words[1], words[2], words[3], words[4], "--context", "0x00");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .contains("invalid func unknown#195896080")
        .contains("not adjusted to the kernel's types: struct task_struct");
  }

  @Test
  void theReadmeShowsWhatIsPrinted() throws IOException {
    Matcher shown =
        Pattern.compile("(?s)(ebpf verify \\S+ --program \\S+)\n\n```\n(.*?)```")
            .matcher(Files.readString(Path.of("..", "README.md")));
    assertThat(shown.find()).isTrue();
    String[] words =
        shown.group(1).replace("ebpf ", "").replace("examples/", "../examples/").split(" ");
    assertThat(Invocation.of((Object[]) words).out().replace("../examples/", "examples/"))
        .isEqualTo(shown.group(2));
  }

  @Test
  void jsonHasALineForEachProgram() {
    Invocation run =
        Invocation.of("verify", "--json", Invocation.example("dispatcher/dispatcher.bpf.o"));
    assertThat(run.out().lines())
        .hasSize(5)
        .allSatisfy(line ->
            assertThat(line)
                .contains("\"type\":\"xdp\"", "\"verdict\":\"accept\"", "\"insns_processed\":"));
  }

  @Test
  void whatIsNotJudgedSaysSoAndFails() {
    Invocation run = Invocation.of("verify", Invocation.example("risk/risk.bpf.o"));
    assertThat(run.out()).contains("not judged");
    assertThat(run.code()).isEqualTo(1);
  }

  @Test
  void anUnknownFlagIsAMistakeOfUse() {
    Invocation run =
        Invocation.of(
            "verify", "--flags", "nonsense", Invocation.example("firewall/firewall.bpf.o"));
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.err()).contains("nonsense", "strict_alignment", "test_state_freq");
  }

  @ParameterizedTest
  @ValueSource(strings = {"strict_alignment", "BPF_F_ANY_ALIGNMENT,test_state_freq"})
  void flagsHaveLinuxNames(String flags) {
    Invocation run =
        Invocation.of("verify", "--flags", flags, "--program", "accepted", "--no-replay", FAULTS);
    assertThat(run.code()).isZero();
  }

  @Test
  void onlySomeTypesOfProgramsMaySleep() {
    Invocation run =
        Invocation.of(
            "verify", "--flags", "sleepable", "--program", "accepted", "--no-replay", FAULTS);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out()).contains("programs can be sleepable");
  }

  /// What is said of each program of `faults.bpf.c`: the sort of fault, the register, and words of
  /// the remedy.
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "short_packet | PACKET_BOUNDS | compare R1 + 24 with data_end",
        "unchecked_lookup | NULL_CHECK | after bpf_map_lookup_elem at instruction 6",
        "index_out_of_range | MAP_BOUNDS | 8 bytes too far in a value of map ports of 128 bytes",
        "unbounded_index | MAP_BOUNDS | offset is at most 120",
        "uninitialised_register | UNINITIALIZED_REGISTER | Give R3 a value",
        "leaked_socket | REFERENCE_LEAK | on this path too, with bpf_sk_release",
        "leaked_record | REFERENCE_LEAK | with bpf_ringbuf_submit or bpf_ringbuf_discard",
        "lock_kept | LOCK_HELD | Call bpf_spin_unlock on this path too",
        "number_as_pointer | NOT_A_POINTER | bpf_probe_read_kernel",
        "wrong_helper | HELPER_NOT_ALLOWED | These types may: socket_filter, sched_cls",
        "wrong_map | MAP_TYPE | takes no map of type prog_array",
        "big_stack | STACK_SIZE | big_stack 264, fill 264",
        "endless_loop | ENDLESS_LOOP | comes back to instruction 1 with nothing changed",
        "written_context | CONTEXT_ACCESS | field rx_queue_index",
        "wrong_result | RETURN_VALUE | Return a number from 0 to 3",
        "unbounded_size | SIZE_BOUNDS | may be 0 and must not be",
        "released_twice | USE_AFTER_RELEASE | given back by bpf_ringbuf_discard",
        "packet_moved | PACKET_MOVED | load data and data_end again after it",
        "packet_moved_in_call | PACKET_MOVED | which grow at instruction 6 may have moved",
        "wrong_end | PACKET_BOUNDS | compare R1 + 4 with data,",
        "offset_too_far | PACKET_BOUNDS | first bound what is added to the pointer",
        "size_of_another | STACK_BOUNDS | the stack has 4 bytes, and 8 are accessed",
        "size_beyond_value | MAP_BOUNDS | compare the size in R4 with 8",
        "index_and_size | MAP_BOUNDS | the offset is at most 6",
        "context_left_out | GLOBAL_FUNCTION | Declare ignores_context __weak",
        "field_of_other_hook | CONTEXT_ACCESS | at other hooks than this one",
      })
  void eachSortOfFaultIsNamedWithWhatWouldPass(String program, String fault, String remedy) {
    String line =
        Invocation.of("verify", "--json", "--no-replay", "--program", program, FAULTS).out();
    assertThat(line).contains("\"fault\":\"" + fault + "\"", remedy);
  }

  @Test
  void theRegisterIsFollowedToWhereItsRangeCameFrom() {
    String text = Invocation.of("verify", "--program", "index_out_of_range", FAULTS).out();
    assertThat(text)
        .containsSubsequence(
            "loaded from the packet at offset 0: a number from 0 to 255",
            "narrowed, as there is no jump: a number from 0 to 16",
            "r1 <<= 3",
            "at an offset from 0 to 128");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "short_packet | 12 | past the end of packet",
        "unchecked_lookup | 7 | null pointer",
        "index_out_of_range | 18 | past the end of map ports",
        "unbounded_index | 12 | load of 8 bytes",
        "number_as_pointer | 1 | null pointer",
        "unbounded_size | 13 | bpf_skb_load_bytes",
        "released_twice | 12 | store of 4 bytes",
      })
  void theFaultIsReplayed(String program, int insn, String detail) {
    String line = Invocation.of("verify", "--json", "--program", program, FAULTS).out();
    String replay = line.substring(line.indexOf("\"replay\":"));
    assertThat(replay).contains("\"insn\":" + insn, detail);
  }

  @Test
  void whatNoInputShowsIsNotSaidToBeReplayed() {
    assertThat(Invocation.of("verify", "--json", "--program", "wrong_result", FAULTS).out())
        .contains("\"replay\":null");
  }

  @Test
  void aBadObjectIsAnErrorAndTheRestGoesOn() {
    Path capture = Invocation.example("captures/web.pcap");
    Path good = Invocation.example("firewall/firewall.bpf.o");
    Invocation run = Invocation.of("verify", "--json", capture, "no-such.o", good);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out().lines())
        .satisfiesExactly(
            line -> assertThat(line).contains("\"verdict\":\"error\"", "web.pcap"),
            line -> assertThat(line).contains("\"verdict\":\"error\"", "no-such.o"),
            line -> assertThat(line).contains("\"verdict\":\"accept\""));
    assertThat(run.err()).contains("web.pcap", "no-such.o");
  }

  @Test
  void theLogHasTheKernelsForm() {
    Invocation run = Invocation.of("verify", "--log", "--program", "short_packet", FAULTS);
    assertThat(run.out())
        .contains(
            "func#0 @0\n",
            "      5: 0123...... (2d) if r3 > r2 goto pc+10\n",
            "0: R1=ctx() R10=fp0\n",
            "; if (data + sizeof(*ethernet) > end) @ faults.bpf.c:75\n",
            "5: (2d) if r3 > r2 goto pc+10         ; R2=pkt_end() R3=pkt(off=14,r=14)\n",
            "\nR1 offset is outside of the packet\n",
            "processed 13 insns (limit 1000000)");
  }

  @Test
  void theLogShowsWherePathsPart() {
    assertThat(Invocation.of("verify", "--log", "--program", "accepted", FAULTS).out())
        .contains("13: (95) exit\n\nfrom 11 to 13: safe\n\nfrom 5 to 13: safe\n");
  }

  /// The properties that the SARIF 2.1.0 schema requires, and those that viewers use.
  @Test
  void sarifHasWhatEditorsWant() {
    Invocation run = Invocation.of("verify", "--sarif", "--no-replay", FAULTS);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.out().lines()).hasSize(1);
    assertThat(run.out())
        .contains(
            "\"version\":\"2.1.0\",\"runs\":[{\"tool\":{\"driver\":{\"name\":\"ebpf verify\"",
            "{\"id\":\"PACKET_BOUNDS\",",
            "\"ruleId\":\"PACKET_BOUNDS\",\"level\":\"error\",\"message\":{\"text\":",
            "\"artifactLocation\":{\"uri\":\"faults.bpf.c\"},\"region\":{\"startLine\":79,",
            "\"codeFlows\":[{\"threadFlows\":[{\"locations\":[");
  }

  @Test
  void aPageThatCannotBeWrittenSaysWhy() {
    Path page = folder.resolve("missing/report.html");
    Invocation run = Invocation.of("verify", "--html", page, FAULTS);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.err())
        .isEqualTo("ebpf: " + page + ": cannot be written: no such file or folder\n");
  }

  @Test
  void htmlIsOnePageThatNeedsNoNetwork() throws IOException {
    Path page = folder.resolve("report.html");
    Invocation run = Invocation.of("verify", "--html", page, FAULTS);
    assertThat(run.code()).isEqualTo(1);
    String html = Files.readString(page);
    assertThat(html)
        .startsWith("<!doctype html>")
        .contains(
            "R1 offset is outside of the packet",
            "return ip-&gt;protocol == 17 ? XDP_DROP : XDP_PASS;",
            "class=\"fault\"",
            "class=\"path\"",
            "compare R1 + 24 with data_end")
        .doesNotContain("http://", "https://", "<script src", "<link");
  }

  @Test
  void aPageTellsWhatIsKnownAtEachInstruction() throws IOException {
    Path page = folder.resolve("report.html");
    Invocation.of("verify", "--html", page, "--program", "accepted", FAULTS);
    String html = Files.readString(page);
    Matcher parts = Pattern.compile("const parts = \\[(.*?)];", Pattern.DOTALL).matcher(html);
    assertThat(parts.find()).isTrue();
    assertThat(parts.group(1)).startsWith("\"R1=ctx()\",\n\"R10=fp0\"");
    assertThat(html).contains("<details data-states=\"0 1\"");
  }

  @Test
  void whatIsRefusedBeforeItIsWalkedHasAPageToo() throws IOException {
    Path page = folder.resolve("report.html");
    Invocation run = Invocation.of("verify", "--html", page, "--flags", "sleepable", FAULTS);
    assertThat(run.err()).isEmpty();
    assertThat(Files.readString(page))
        .contains("Only fentry/fexit/fmod_ret, lsm, iter, uprobe, and struct_ops programs can be");
  }

  @Test
  void sarifNamesAnyFileByAUri() throws IOException {
    Path object = Files.writeString(folder.resolve("a#1 [b]:%.o"), "no object");
    assertThat(Invocation.of("verify", "--sarif", object).out())
        .contains("\"uri\":\"file:///", "/a%231%20%5Bb%5D:%25.o\"");
  }

  @Test
  void oneFormAtATime() {
    assertThat(Invocation.of("verify", "--json", "--sarif", FAULTS).code()).isEqualTo(2);
  }
}
