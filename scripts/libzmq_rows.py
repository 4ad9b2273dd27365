"""What of libzmq is there, row by row, and which test says so: plain data for scripts/compatibility.py.

The rows are those of zmq_socket(3), zmq.h, zmq_errno(3), zmq_msg_gets(3), zmq_socket_monitor(3) and the RFCs. Options
are in libzmq_options.py, which says how a test is named. tests/scripts/test_libzmq_rows.py checks that none is missing.
"""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """Something that libzmq has."""

    name: str
    here: str
    test: str  # "": it is not there, or needs none, and `here` says why


# -- socket types ------------------------------------------------------------------------------------------------

SOCKET_TYPES: dict[str, tuple[str, str, str]] = {  # how it sends, how it receives, test
    "PAIR": ("to the one peer", "from the one peer", "contracts/pair::pair_talks_both_ways"),
    "PUB": (
        "to all who subscribed; dropped for who is full",
        "",
        "contracts/pubsub::pub_sends_to_every_subscriber_what_it_wants",
    ),
    "SUB": ("", "in turn, what it subscribed to", "contracts/pubsub::sub_hears_what_starts_with_its_topic"),
    "REQ": (
        "in turn, then waits for the reply",
        "from whom it asked",
        "contracts/req::req_round_robins_over_its_peers",
    ),
    "REP": ("to who asked", "in turn", "contracts/rep::rep_serves_requests_of_many_peers"),
    "DEALER": ("in turn", "in turn", "contracts/dealer::dealer_round_robins_strictly"),
    "ROUTER": (
        "by routing id; dropped for who is unknown or full",
        "in turn, with routing id",
        "contracts/router::router_sends_to_the_peer_it_is_told",
    ),
    "PULL": ("", "in turn", "contracts/pipeline::pull_fair_queues_message_by_message"),
    "PUSH": ("in turn", "", "contracts/pipeline::push_round_robins_strictly"),
    "XPUB": (
        "as PUB",
        "subscriptions, and what XSUB sends",
        "contracts/xpub::xpub_receives_subscriptions_and_cancellations",
    ),
    "XSUB": ("subscriptions, and messages to all", "as SUB", "contracts/xpub::xsub_subscribes_by_sending"),
    "STREAM": (
        "bytes, by routing id",
        "bytes, with routing id; empty: it came, or went",
        "contracts/stream::stream_answers_by_routing_id",
    ),
    "SERVER": ("by Frame.routing_id", "in turn", "contracts/client_server::server_answers_by_routing_id"),
    "CLIENT": ("in turn", "in turn", "contracts/client_server::client_deals_its_messages_out_in_turn"),
    "RADIO": (
        "to all who joined the group; dropped for who is full",
        "",
        "contracts/radio_dish::radio_sends_to_everybody_in_the_group_once",
    ),
    "DISH": (
        "",
        "in turn, of the groups it joined",
        "contracts/radio_dish::dish_gets_what_is_sent_to_its_group_and_nothing_else",
    ),
    "GATHER": ("", "in turn", "contracts/scatter_gather_channel::gather_receives_from_all"),
    "SCATTER": ("in turn", "", "contracts/scatter_gather_channel::scatter_deals_in_turn"),
    "DGRAM": (
        "a datagram to an address",
        "a datagram with its address",
        "contracts/udp::dgram_tells_who_sent_and_sends_to_whom_it_is_told",
    ),
    "PEER": ("by Frame.routing_id", "in turn", "contracts/peer::peers_answer_one_another"),
    "CHANNEL": (
        "to the one peer",
        "from the one peer",
        "contracts/scatter_gather_channel::channel_carries_both_ways",
    ),
}

# -- what all types share ----------------------------------------------------------------------------------------

SHARED: tuple[Row, ...] = (
    Row(
        "which types may talk",
        "as in the table above; others are left, and no ERROR is sent",
        "core/patterns/patterns::pattern_accepts_the_peers_of_the_rfc",
    ),
    Row("a type that cannot send, or receive", "ENOTSUP", "contracts/pipeline::push_refuses_to_receive"),
    Row(
        "send with nobody there",
        "waits, or Again; PUB, XPUB, RADIO, ROUTER and REP drop",
        "contracts/pipeline::push_that_nobody_connected_to_would_block",
    ),
    Row(
        "send at the HWM",
        "waits, or Again; PUB, XPUB, RADIO, ROUTER and REP drop for that peer",
        "contracts/hwm::pub_drops_only_for_the_full_subscriber",
    ),
    Row("two queues a peer, HWM for each", "", "contracts/hwm::hwm_holds_for_each_peer"),
    Row("HWM counts whole messages", "", "contracts/hwm::hwm_counts_messages_not_parts"),
    Row("HWM 0", "no limit", "contracts/hwm::hwm_zero_on_either_side_is_unlimited"),
    Row(
        "a full queue is open again when half is read",
        "",
        "contracts/hwm::full_socket_has_room_again_when_half_is_read",
    ),
    Row("inproc: SNDHWM plus RCVHWM", "", "contracts/hwm::sndhwm_plus_rcvhwm_messages_fit"),
    Row(
        "wire: SNDHWM, the kernel's buffers, RCVHWM",
        "",
        "contracts/hwm::wire_push_blocks_when_the_pull_does_not_read_and_loses_nothing",
    ),
    Row("HWM of a live socket may change", "", "contracts/hwm::sndhwm_can_be_raised_on_a_live_socket"),
    Row(
        "connect queues before the peer is there",
        "",
        "contracts/hwm::connected_push_queues_sndhwm_messages_while_nobody_is_there",
    ),
    Row(
        "a bound socket has a peer after the handshake",
        "",
        "contracts/pipeline::push_becomes_writable_when_a_pull_connects",
    ),
    Row(
        "IMMEDIATE: what waits for a lost peer is lost",
        "",
        "sim/cuts::push_with_immediate_turns_to_the_others",
    ),
    Row(
        "a reconnect keeps what is queued", "", "sim/cuts::push_that_dialled_keeps_a_lost_peers_share_for_it"
    ),
    Row(
        "a reconnect drops half a message",
        "",
        "sim/cuts::cut_in_the_middle_of_a_large_message_delivers_no_part_of_it",
    ),
    Row("subscriptions are sent again", "", "sim/cuts::subscriptions_are_sent_again_after_a_reconnect"),
    Row("who breaks the protocol is not dialled again", "", "faults/servers::giving_up_is_what_libzmq_does"),
    Row("any other loss is", "", "sim/connecting::listener_is_found_again_after_it_was_away"),
    Row(
        "a second connect to one endpoint",
        "is ignored by DEALER, SUB, PUB, REQ",
        "contracts/links::second_connect_to_the_same_endpoint_is_ignored_by_some_types",
    ),
    Row("in turn: past who is full", "", "contracts/pipeline::push_skips_a_full_peer"),
    Row("in turn: one whole message of each", "", "contracts/pipeline::pull_fair_queues_message_by_message"),
    Row(
        "to all: encoded once",
        "",
        "core/patterns/fan_out::messages_for_the_same_peers_travel_as_one_broadcast",
    ),
    Row(
        "who was full and caught up gets messages again",
        "",
        "contracts/hwm::pub_goes_on_with_a_subscriber_that_caught_up",
    ),
    Row(
        "thread-safe types: one part, no SNDMORE",
        "EINVAL",
        "contracts/single_part::a_part_that_others_are_to_follow_is_refused",
    ),
    Row(
        "thread-safe types: several parts that come are dropped",
        "",
        "rfc/rfc41_48_49_51_52::a_message_of_several_frames_is_dropped",
    ),
    Row("TCP_NODELAY", "always", "engine/transports/tcp::nodelay_is_always_on"),
)

PER_TYPE: tuple[Row, ...] = (
    Row(
        "REQ: the envelope",
        "an empty part, and the number before it with REQ_CORRELATE",
        "contracts/req::req_puts_an_empty_delimiter_before_the_request",
    ),
    Row("REQ: send forgets what came before", "", "contracts/req::req_forgets_a_second_reply_to_one_request"),
    Row(
        "REQ: replies of others are dropped",
        "",
        "contracts/req::req_takes_the_reply_only_from_the_peer_it_asked",
    ),
    Row(
        "REQ: a reply without envelope",
        "ends the connection",
        "contracts/req::req_ends_the_link_to_a_peer_that_replies_without_delimiter",
    ),
    Row("REQ, REP: turns", "EFSM", "contracts/req::req_refuses_second_send_before_reply"),
    Row("REP: the envelope goes back whole", "", "contracts/rep::rep_gives_the_whole_envelope_back"),
    Row(
        "REP: requests without delimiter are dropped",
        "",
        "contracts/rep::rep_drops_a_request_without_delimiter",
    ),
    Row(
        "REP: the reply to who left is dropped", "", "contracts/rep::rep_drops_the_reply_to_a_peer_that_left"
    ),
    Row(
        "REP: one peer of each routing id",
        "",
        "contracts/rep::rep_does_not_serve_a_second_peer_of_the_same_name",
    ),
    Row(
        "ROUTER: names of its own",
        "0 and four bytes, counted from a random number",
        "contracts/router::router_names_its_peers_with_five_bytes_that_start_with_zero",
    ),
    Row(
        "ROUTER: a routing id that is taken",
        "the second peer is not served",
        "contracts/router::router_does_not_serve_a_second_peer_of_the_same_name",
    ),
    Row(
        "ROUTER: a routing id that changed on reconnect",
        "is ignored",
        "core/patterns/dealer_router::router_keeps_the_id_of_a_peer_over_reconnects",
    ),
    Row("ROUTER: one part only", "is ignored", "contracts/router::router_ignores_a_message_of_one_part"),
    Row(
        "ROUTER: always writable",
        "but with ROUTER_MANDATORY",
        "contracts/router::router_without_peers_drops_and_says_it_is_writable",
    ),
    Row(
        "XPUB: repeated subscriptions are hidden",
        "",
        "contracts/xpub::xpub_hides_a_subscription_another_peer_made_before",
    ),
    Row("XPUB: who leaves cancels", "", "contracts/xpub::xpub_learns_the_cancellations_of_a_peer_that_left"),
    Row("XPUB: gets what XSUB sends", "", "contracts/xpub::user_messages_go_upstream_from_xsub_to_xpub"),
    Row("PUB: does not", "", "contracts/xpub::pub_ignores_user_messages_from_upstream"),
    Row(
        "SUB: subscriptions are counted", "", "contracts/pubsub::subscribing_twice_needs_unsubscribing_twice"
    ),
    Row(
        "SUB: matched by the beginning of the first part",
        "",
        "contracts/pubsub::only_the_first_part_is_matched",
    ),
    Row(
        "SUB, XSUB: only the last cancellation is sent",
        "",
        "contracts/xpub::sub_sends_every_subscription_but_only_the_last_cancellation",
    ),
    Row("SUB, XSUB, DISH: LINGER 0", "", "contracts/lifecycle::linger_of_a_subscriber_is_zero_by_default"),
    Row(
        "STREAM: the routing id after connect",
        "getsockopt(ROUTING_ID)",
        "contracts/stream::stream_tells_its_latest_routing_id",
    ),
    Row(
        'STREAM: `[id, b""]` closes',
        "",
        "contracts/stream::stream_closes_a_connection_when_an_empty_message_is_sent_there",
    ),
    Row("RADIO, DISH: groups of up to 255 bytes", "", "contracts/radio_dish::a_group_has_up_to_255_bytes"),
    Row(
        "DISH: join twice, leave what was not joined",
        "EINVAL",
        "contracts/radio_dish::a_group_cannot_be_joined_twice",
    ),
    Row("RADIO, DISH over udp", "unicast and multicast", "contracts/udp::multicast_reaches_every_member"),
    Row(
        "SERVER, PEER: routing ids of 32 bits, never 0",
        "",
        "core/patterns/client_server::server_gives_each_peer_a_routing_id_and_never_0",
    ),
    Row(
        "zmq_connect_peer",
        "`socket.connect_peer()`: EFAULT with IMMEDIATE, ENOTSUP for other types",
        "contracts/peer::connect_peer_tells_the_routing_id_before_anybody_is_there",
    ),
    Row(
        "zmq_disconnect_peer",
        "`socket.disconnect_peer()`",
        "contracts/peer::disconnect_peer_lets_one_peer_go_with_all_that_was_sent_to_it",
    ),
)

# -- zmq.h ---------------------------------------------------------------------------------------------------------

FUNCTIONS: tuple[Row, ...] = (
    Row("zmq_errno", "`zmq_errno()`: of this thread", "core/errors::zmq_errno_is_the_last_of_this_thread"),
    Row("zmq_strerror", "`strerror()`", "core/errors::strerror_is_libzmqs"),
    Row(
        "zmq_version",
        "`zmq_version()`, `zmq_version_info()`: whose behaviour this is; `pyzmq_version()`: whose API;"
        " `purezmq_version()`",
        "api/public_names::versions_are_those_of_the_pyzmq_that_this_stands_in_for",
    ),
    Row(
        "zmq_has",
        "`has()`: ipc, draft, curve with PyNaCl, gssapi with the package of that name, tipc and vsock where Python"
        " has their sockets",
        "api/public_names::has_tells_of_transports_what_bind_does",
    ),
    Row(
        "zmq_ctx_new, _term, _shutdown, _set, _get",
        "`Context`",
        "contracts/lifecycle::term_wakes_a_blocked_receive",
    ),
    Row("zmq_ctx_set_ext, _get_ext", "not there, as in PyZMQ: THREAD_NAME_PREFIX is a number", ""),
    Row(
        "zmq_init, _term, _ctx_destroy",
        "deprecated; `Context`",
        "contracts/lifecycle::term_twice_does_nothing",
    ),
    Row(
        "zmq_msg_*",
        "`Frame`; parts are bytes where nobody asks for more",
        "api/frame::frame_holds_any_buffer",
    ),
    Row(
        "zmq_msg_get",
        "`Frame.get(MORE)`; SHARED is always 0; SRCFD (deprecated) is refused: the descriptor is the engine's",
        "contracts/messages::frame_tells_whether_more_follow",
    ),
    Row(
        "zmq_msg_set",
        "EINVAL: libzmq knows no property that could be set",
        "api/frame::no_message_option_can_be_set",
    ),
    Row(
        "zmq_msg_set_routing_id, _set_group",
        "`Frame.routing_id`, `Frame.group`",
        "contracts/single_part::a_frame_bears_both",
    ),
    Row(
        "zmq_socket, _close",
        "`Context.socket()`, `Socket.close()`",
        "contracts/closed::closing_twice_does_nothing",
    ),
    Row("zmq_bind, _unbind, _connect, _disconnect", "", "contracts/links::disconnect_stops_the_traffic"),
    Row(
        "zmq_send, _send_const, _recv",
        "`send()`, `recv()`, `recv_into()`, which cuts and tells the whole size",
        "contracts/messages::recv_into_cuts_what_does_not_fit_and_tells_the_whole_size",
    ),
    Row("DONTWAIT, SNDMORE", "", "contracts/multipart::nothing_is_received_before_the_last_part_is_sent"),
    Row(
        "zmq_sendmsg, _recvmsg, _sendiov, _recviov",
        "deprecated; `send_multipart()`, `recv_multipart()`",
        "contracts/multipart::parts_arrive_together_and_in_order",
    ),
    Row(
        "zmq_join, _leave",
        "`join()`, `leave()`",
        "contracts/radio_dish::dish_that_has_left_a_group_hears_it_no_more",
    ),
    Row(
        "zmq_socket_get_peer_state",
        "not there, as in PyZMQ; `peers()` tells more",
        "engine/statistics::peer_says_who_it_is",
    ),
    Row(
        "zmq_socket_monitor",
        "`monitor()`, `get_monitor_socket()`",
        "contracts/monitor::bind_tells_listening_with_the_descriptor",
    ),
    Row(
        "zmq_socket_monitor_versioned",
        "`monitor_versioned()`",
        "engine/monitor::version_2_tells_both_endpoints",
    ),
    Row(
        "zmq_socket_monitor_pipes_stats",
        "`monitor_pipe_stats()`",
        "engine/monitor::pipes_stats_tell_what_is_queued",
    ),
    Row(
        "zmq_poll",
        "`Poller`, `zmq_poll()`, `select()`",
        "contracts/poll::poller_tells_which_sockets_are_ready",
    ),
    Row(
        "zmq_ppoll",
        "not there, as in PyZMQ: Python runs signal handlers during every wait",
        "life/term::term_wakes_every_thread_that_waits_in_one_socket",
    ),
    Row(
        "zmq_poller_*",
        "not there, as in PyZMQ: `Poller` takes sockets of every type, and descriptors",
        "contracts/poll::poller_of_many_sockets_hears_each",
    ),
    Row("zmq_proxy", "`proxy()`", "contracts/proxy::proxy_passes_requests_and_replies"),
    Row("zmq_proxy_steerable", "`proxy_steerable()`", "api/proxy::counts_parts_and_bytes"),
    Row("zmq_device", "`device()`, deprecated", "contracts/proxy::device_is_a_proxy"),
    Row("zmq_z85_encode, _decode", "`utils.z85`", "core/security/z85::vectors"),
    Row(
        "zmq_curve_keypair, _public",
        "`curve_keypair()`, `curve_public()`; ENOTSUP without PyNaCl",
        "api/curve_keys::public_key_belongs_to_the_secret_one",
    ),
    Row("zmq_stopwatch_*", "`Stopwatch`", "api/deprecations::stopwatch_counts_microseconds"),
    Row(
        "zmq_atomic_counter_*, zmq_timers_*, zmq_sleep, zmq_threadstart, _threadclose",
        "not there, as in PyZMQ: Python has `itertools.count`, `sched`, `time.sleep` and `threading`",
        "",
    ),
    Row(
        "RFC 50, several parts in one",
        "`utils.multipart`, for the types whose messages have one part",
        "rfc/rfc50::a_client_sends_several_parts_to_a_server",
    ),
)

LOST = (
    "not raised: a connection that ends so is dialled again",
    "contracts/monitor::lost_peer_is_disconnected_retried_and_found_again",
)

ERRORS: dict[str, tuple[str, str]] = {  # when it is raised, test
    "EAGAIN": (
        "`Again`: a timeout, or DONTWAIT and not now",
        "contracts/options_behaviour::timeout_zero_never_waits",
    ),
    "EFAULT": (
        "`connect_peer()` with IMMEDIATE; a socket of a shadow whose context is gone",
        "contracts/closed::shadow_of_a_terminated_context_makes_no_socket",
    ),
    "EINVAL": (
        "what the value, the endpoint, the option or the group may not be",
        "contracts/endpoint_errors::bind_refuses",
    ),
    "ENOTSUP": (
        "this type cannot do that; `poll()` of a closed socket; a package is missing",
        "contracts/pipeline::pull_refuses_to_send",
    ),
    "EPROTONOSUPPORT": ("there is no such transport", "contracts/endpoint_errors::bind_refuses"),
    "ENOBUFS": (
        "only the number and the text: nothing raises it, here or there",
        "core/errors::strerror_is_libzmqs",
    ),
    "ENETDOWN": LOST,
    "EADDRINUSE": (
        "the endpoint, or the routing id, has an owner",
        "contracts/endpoint_errors::tcp_port_in_use_answers_eaddrinuse",
    ),
    "EADDRNOTAVAIL": (
        "the address is another machine's",
        "contracts/endpoint_errors::tcp_address_of_another_machine_is_refused",
    ),
    "ECONNREFUSED": (
        "not raised: it is tried again, but for RECONNECT_STOP",
        "contracts/reconnect_stop::who_refuses_is_not_dialled_again_with_conn_refused",
    ),
    "EINPROGRESS": ("as a monitor's value", "contracts/monitor::delayed_connect_tells_einprogress"),
    "ENOTSOCK": ("the socket is closed", "contracts/closed::closed_socket_answers_enotsock"),
    "EMSGSIZE": LOST,
    "EAFNOSUPPORT": (
        "tipc, and the kernel has none. Where there is no IPv6, its wildcard becomes that of IPv4",
        "contracts/tipc::bind_without_tipc_in_the_kernel_is_eafnosupport",
    ),
    "ENETUNREACH": LOST,
    "ECONNABORTED": LOST,
    "ECONNRESET": LOST,
    "ENOTCONN": LOST,
    "ETIMEDOUT": (
        "as a monitor's value: a handshake took too long",
        "contracts/monitor::stranger_that_stays_silent_fails_without_detail",
    ),
    "EHOSTUNREACH": (
        "nobody has this routing id (ROUTER with ROUTER_MANDATORY, STREAM, SERVER, PEER)",
        "contracts/router::mandatory_router_says_that_a_peer_is_unreachable",
    ),
    "ENETRESET": LOST,
    "EFSM": ("not now: REQ and REP take turns", "contracts/rep::rep_refuses_send_before_receive"),
    "ENOCOMPATPROTO": (
        "this transport is not for this type",
        "contracts/endpoint_errors::udp_is_for_other_types",
    ),
    "ETERM": ("`ContextTerminated`", "contracts/lifecycle::term_waits_for_open_sockets_which_answer_eterm"),
    "EMTHREAD": (
        "only the number and the text: there are no I/O threads to be short of",
        "contracts/context_options::tcp_needs_no_io_threads_either",
    ),
    # not in PyZMQ's Errno
    "EINTR": (
        "not raised: the call goes on when the signal handler returns, and ends with what it raises",
        "engine/life/signals::handler_that_returns_resumes_the_wait",
    ),
    "EMFILE": (
        "MAX_SOCKETS, or no more descriptors",
        "contracts/context_options::max_sockets_bounds_the_open_sockets",
    ),
    "ENODEV": ("there is no such interface", "contracts/endpoint_errors::bind_refuses"),
    "ENOENT": (
        "nothing is bound or connected to that",
        "contracts/links::disconnect_of_an_unknown_endpoint_answers_enoent",
    ),
    "ENAMETOOLONG": (
        "an ipc path of more than 107 bytes",
        "contracts/endpoint_errors::ipc_path_too_long_answers_enametoolong",
    ),
}

PROPERTIES: tuple[Row, ...] = (
    Row("Socket-Type", "", "contracts/messages::frame_knows_the_type_of_its_sender"),
    Row("Identity", "", "contracts/messages::frame_knows_the_routing_id_of_its_sender"),
    Row(
        "Routing-Id",
        "the same; libzmq's manual has it, and libzmq answers EINVAL",
        "api/frame::received_frame_knows_the_routing_id",
    ),
    Row("User-Id", "from ZAP", "security/mechanisms::messages_tell_who_has_sent_them"),
    Row(
        "Peer-Address",
        "without the port; ipc: user, group and process",
        "contracts/messages::frame_knows_the_address_of_its_sender",
    ),
    Row("X-…", "what the peer's METADATA says", "rfc/rfc23_37::metadata_of_applications_comes_through"),
    Row("what ZAP's answer says", "", "security/mechanisms::messages_tell_who_has_sent_them"),
    Row("__fd", "not there: libzmq's own, and undocumented", ""),
    Row(
        "anything else, and everything over inproc",
        "EINVAL",
        "contracts/messages::frame_answers_einval_to_an_unknown_property",
    ),
)

EVENTS: dict[str, tuple[str, str]] = {  # the value that comes with it, test
    "CONNECTED": ("descriptor", "contracts/monitor::connect_tells_delayed_connected_and_the_handshake"),
    "CONNECT_DELAYED": ("errno", "contracts/monitor::delayed_connect_tells_einprogress"),
    "CONNECT_RETRIED": ("interval in ms", "sim/monitor::interval_that_is_told_is_the_one_that_is_kept"),
    "LISTENING": ("descriptor", "contracts/monitor::bind_tells_listening_with_the_descriptor"),
    "BIND_FAILED": ("errno", "contracts/monitor::bind_that_fails_tells_the_errno_and_the_bare_address"),
    "ACCEPTED": ("descriptor", "contracts/monitor::peer_that_comes_is_accepted_and_shakes_hands"),
    "ACCEPT_FAILED": ("errno", "contracts/monitor::accept_that_fails_tells_the_errno"),
    "CLOSED": ("descriptor", "contracts/monitor::unbind_tells_closed_with_the_descriptor"),
    "CLOSE_FAILED": (
        "errno: the program has closed the descriptor (libzmq aborts), or the directory of ipc://* cannot be removed",
        "contracts/monitor::unbind_that_cannot_remove_the_directory_it_made_tells_so",
    ),
    "DISCONNECTED": ("descriptor", "contracts/monitor::peer_that_leaves_is_disconnected_with_its_descriptor"),
    "MONITOR_STOPPED": ("0", "contracts/monitor::monitor_none_stops_with_monitor_stopped"),
    "HANDSHAKE_FAILED_NO_DETAIL": ("errno", "contracts/monitor::stranger_that_hangs_up_fails_without_detail"),
    "HANDSHAKE_SUCCEEDED": ("0", "contracts/monitor::stranger_that_shakes_hands_succeeds"),
    "HANDSHAKE_FAILED_PROTOCOL": (
        "PROTOCOL_ERROR_…",
        "contracts/monitor::mistake_of_the_peer_fails_with_its_number",
    ),
    "HANDSHAKE_FAILED_AUTH": (
        "ZAP's status",
        "contracts/monitor::client_that_zap_denies_fails_with_the_status_at_both_sides",
    ),
    "PIPES_STATS": (
        "queued to and from each peer (version 2)",
        "engine/monitor::pipes_stats_tell_what_is_queued",
    ),
}

PROTOCOL_ERRORS: dict[str, tuple[str, str]] = {  # when it comes with HANDSHAKE_FAILED_PROTOCOL, test
    "ZMTP_UNSPECIFIED": (
        "what breaks the framing, or is too large",
        "core/security/gssapi::limit_of_message_sizes_is_exact",
    ),
    "ZMTP_UNEXPECTED_COMMAND": (
        "a command out of turn",
        "core/security/curve::command_out_of_turn_is_refused",
    ),
    "ZMTP_INVALID_SEQUENCE": (
        "a message whose number is not higher than the last",
        "core/security/curve::message_whose_number_is_not_higher_is_refused",
    ),
    "ZMTP_KEY_EXCHANGE": (
        "a vouch that does not hold",
        "core/security/curve::vouch_for_another_short_term_key_is_refused",
    ),
    "ZMTP_MALFORMED_COMMAND_UNSPECIFIED": (
        "a name that does not fit",
        "core/wire/commands::command_whose_name_does_not_fit_is_refused",
    ),
    "ZMTP_MALFORMED_COMMAND_MESSAGE": ("", "core/security/curve::message_cut_short_anywhere_is_refused"),
    "ZMTP_MALFORMED_COMMAND_HELLO": ("", "core/security/curve::command_cut_short_anywhere_is_refused"),
    "ZMTP_MALFORMED_COMMAND_INITIATE": ("", "core/security/curve::command_cut_short_anywhere_is_refused"),
    "ZMTP_MALFORMED_COMMAND_ERROR": ("", "core/wire/commands::error_whose_reason_does_not_fit_is_refused"),
    "ZMTP_MALFORMED_COMMAND_READY": ("", "core/security/curve::command_cut_short_anywhere_is_refused"),
    "ZMTP_MALFORMED_COMMAND_WELCOME": ("of PLAIN", "core/security/plain::welcome_with_data_is_refused"),
    "ZMTP_INVALID_METADATA": (
        "properties that are none",
        "core/wire/commands::metadata_cut_short_is_refused_or_shorter",
    ),
    "ZMTP_CRYPTOGRAPHIC": (
        "what does not decrypt",
        "core/security/curve::client_with_a_wrong_key_is_refused",
    ),
    "ZMTP_MECHANISM_MISMATCH": ("another mechanism", "core/wire/greeting::other_mechanism_is_refused"),
    "ZAP_UNSPECIFIED": (
        "the handler went, or answered nonsense",
        "core/security/zap::nonsense_is_refused_with_libzmqs_number",
    ),
    "ZAP_MALFORMED_REPLY": ("", "core/security/zap::nonsense_is_refused_with_libzmqs_number"),
    "ZAP_BAD_REQUEST_ID": ("", "core/security/zap::nonsense_is_refused_with_libzmqs_number"),
    "ZAP_BAD_VERSION": ("", "core/security/zap::nonsense_is_refused_with_libzmqs_number"),
    "ZAP_INVALID_STATUS_CODE": ("", "core/security/zap::nonsense_is_refused_with_libzmqs_number"),
    "ZAP_INVALID_METADATA": ("", "core/security/zap::nonsense_is_refused_with_libzmqs_number"),
    "WS_UNSPECIFIED": ("not told: the transport ws is not there", ""),
}

VERSIONS: tuple[Row, ...] = (
    Row("ZMTP 3.1 (RFC 37)", "SUBSCRIBE and CANCEL, PING and PONG", "rfc/rfc23_37::sub_to_pub_3_1"),
    Row("ZMTP 3.0 (RFC 23)", "subscriptions are messages", "rfc/rfc23_37::sub_to_pub_3_0"),
    Row(
        "ZMTP 2.0 (RFC 15)",
        "spoken with peers that speak no newer",
        "contracts/older_peers::pull_takes_what_an_old_push_sends",
    ),
    Row(
        "ZMTP 1.0 (RFC 13)",
        "spoken with peers that speak no newer",
        "contracts/older_peers::pull_takes_what_an_old_push_sends",
    ),
    Row(
        "1.0 without a signature",
        "the first byte is not FF, or the tenth is even",
        "core/wire/greeting::one_byte_does_not_tell_an_old_peer",
    ),
    Row(
        "3.1 and later, any newer revision",
        "3.1",
        "core/wire/greeting::minor_version_is_what_libzmq_makes_of_it",
    ),
    Row(
        "the greeting in three pieces",
        "each when the peer has shown that it can read it",
        "core/wire/greeting::the_rest_follows_the_major_version_of_the_peer",
    ),
    Row(
        "SUB of 1.0 and 2.0",
        "subscribes as RFC 13 and 15 say, and is understood",
        "contracts/older_peers::a_publisher_understands_an_old_sub",
    ),
    Row(
        "security and 1.0, 2.0",
        "a mechanism, or a ZAP domain, keeps them out",
        "contracts/older_peers::old_peers_do_not_get_past_a_password",
    ),
    Row(
        "heartbeats",
        "PING goes to 3.1 and 3.0, and to nobody older",
        "contracts/older_peers::an_old_peer_gets_no_heartbeats",
    ),
    Row(
        "libzmq 2, 3 and 4 as peers",
        "where PUREZMQ_OLD_LIBZMQ names them",
        "interop/old_libzmq::push_to_pull",
    ),
)

# -- where it is another, on purpose -------------------------------------------------------------------------------

DEPARTURES: tuple[Row, ...] = (
    Row(
        "CONNECT_ROUTING_ID that is taken",
        "EADDRINUSE; libzmq ends the process",
        "contracts/router::connect_routing_id_refuses_the_name_of_a_live_peer",
    ),
    Row(
        "STREAM: three parts",
        "EINVAL; libzmq takes the third for the next routing id",
        "contracts/stream::stream_refuses_a_message_of_three_parts",
    ),
    Row(
        "STREAM: a routing id alone",
        "is ignored; libzmq waits for the data, and takes the next message's routing id for it",
        "contracts/stream::stream_ignores_a_routing_id_alone",
    ),
    Row(
        "subscriptions at the HWM",
        "are never dropped; libzmq drops them silently",
        "core/patterns/pub_sub::sub_loses_no_subscription_at_the_hwm",
    ),
    Row(
        "a cancellation of what the peer did not subscribe",
        "is ignored",
        "core/patterns/pub_sub::xpub_shows_no_cancellation_of_what_the_peer_did_not_have",
    ),
    Row(
        "CONFLATE and several parts",
        "the last message is kept whole; libzmq keeps its last part",
        "contracts/options_behaviour::conflation_keeps_messages_whole",
    ),
    Row(
        "a message sent with SNDMORE",
        "goes when its last part is there, or not at all; in libzmq the rest is lost with the peer",
        "contracts/multipart::an_unfinished_message_is_never_delivered",
    ),
    Row(
        "threads",
        "may share a socket: whole messages stay whole; in libzmq only those of the thread-safe types",
        "life/threads::threads_that_share_sockets_lose_double_and_mix_nothing",
    ),
    Row(
        "FD",
        "is readable on every new event, for every type; libzmq's tells of the first, send() silences it, and"
        " thread-safe types have none",
        "contracts/poll::send_does_not_eat_the_wake_up_of_a_message",
    ),
    Row(
        "DISH and POLLOUT",
        "never writable; libzmq says that it is, and refuses",
        "contracts/radio_dish::dish_is_never_ready_for_writing",
    ),
    Row(
        "groups with a NUL, or too long",
        "EINVAL; libzmq cuts them",
        "contracts/single_part::a_group_that_libzmq_would_cut_is_refused",
    ),
    Row(
        "udp: a port in use",
        "is told by bind; libzmq finds out later, and tells nobody",
        "contracts/udp::a_port_in_use_is_told_at_once",
    ),
    Row(
        "udp: port `*`",
        "LAST_ENDPOINT tells which it became",
        "contracts/udp::a_free_port_can_be_had_and_is_told",
    ),
    Row(
        "udp: datagrams",
        "of up to 65,507 bytes, larger ones are dropped; libzmq's have 8,192, and larger ones overrun its buffer",
        "contracts/udp::a_datagram_that_is_too_large_is_dropped",
    ),
    Row(
        "DGRAM on other transports",
        "ENOCOMPATPROTO; libzmq ends the process",
        "contracts/udp::dgram_is_for_udp_only",
    ),
    Row(
        "DGRAM: a second bind",
        "EADDRINUSE; libzmq takes it, and serves the first only",
        "contracts/udp::dgram_is_bound_once",
    ),
    Row(
        "udp over IPv6",
        "works; libzmq ends the process when a datagram comes",
        "contracts/udp::ipv6_unicast",
    ),
    Row(
        "ROUTER_NOTIFY",
        "can be read where it can be set, on ROUTER and REP; libzmq's on every type",
        "contracts/option_values::departure_is_one",
    ),
    Row(
        "host names",
        "are looked up where nobody waits for it, and every address is tried; libzmq tries the first",
        "contracts/endpoints::connect_tries_every_address_of_a_name",
    ),
    Row(
        "ipc files",
        "are removed at close; libzmq leaves them",
        "engine/transports/ipc::close_removes_the_file",
    ),
    Row(
        "a file at the path of an ipc bind",
        "is EADDRINUSE if there is something in it; libzmq removes it. A socket, a link or an empty file gives way",
        "contracts/ipc_files::file_with_something_in_it_is_kept",
    ),
    Row(
        "tipc with a domain, as in {5560,7}@1.1.16",
        "EINVAL: Python's sockets cannot be told of it",
        "contracts/tipc::domain_that_pythons_sockets_cannot_be_told_of_is_einval",
    ),
    Row(
        "ZMTP 2.0 peers of a type that does not fit",
        "are left; libzmq does not look",
        "contracts/older_peers::old_types_must_fit",
    ),
    Row(
        "HEARTBEAT_TTL above 65 s",
        "is what the peer waits; libzmq reckons with 16 bits, and gives up earlier",
        "core/connection::ttl_may_take_16_bits_of_tenths",
    ),
    Row(
        "a CURVE socket",
        "never becomes a NULL one again, as libzmq's does by CURVE_SERVER or PLAIN_SERVER 0; missing keys are"
        " refused at bind and connect",
        "core/options::socket_with_curve_keys_never_falls_back_to_null",
    ),
    Row(
        "the vouch of CURVE",
        "must name this server; libzmq does not look",
        "core/security/curve::vouch_for_another_server_is_refused",
    ),
    Row(
        "PLAIN: ERROR",
        "is sent as RFC 24 says; libzmq 4.3.5 misspells it, which is understood",
        "core/security/plain::error_is_understood_as_libzmq_spells_it_too",
    ),
    Row(
        "a peer that ZAP refuses",
        "is left when it has been told; libzmq waits until it goes",
        "contracts/monitor::client_that_zap_denies_fails_with_the_status_at_both_sides",
    ),
    Row(
        "ZAP handlers",
        "may be DEALERs, too, and answer in another order",
        "security/handlers::answers_that_come_in_another_order_find_their_peers",
    ),
    Row(
        "a CURVE server",
        "refuses a HELLO whose padding or signature is not zeros, and number 0, as RFC 26 says; libzmq goes on",
        "security/strangers::our_curve_server_is_stricter",
    ),
    Row(
        "a CURVE client",
        "refuses READY with number 0, and ends at a second WELCOME; libzmq goes on",
        "security/strangers::our_curve_client_is_stricter",
    ),
    Row(
        "a short-term key of low order in WELCOME",
        "is refused; libzmq ends the process",
        "security/strangers::server_key_of_low_order_is_refused",
    ),
    Row(
        "broken metadata in READY",
        "is told to the monitor; libzmq is silent",
        "security/strangers::broken_metadata_is_told_by_us",
    ),
    Row(
        "GSSAPI: messages that change places",
        "end the connection; libzmq takes them",
        "core/security/gssapi::message_that_comes_late_is_refused",
    ),
    Row(
        "SOCKS 5: a proxy that hangs",
        "is left after HANDSHAKE_IVL or CONNECT_TIMEOUT; libzmq waits for ever",
        "contracts/socks::proxy_that_hangs_is_left",
    ),
    Row(
        "SOCKS 5: a proxy that refuses",
        "counts for RECONNECT_STOP; libzmq goes on",
        "contracts/socks::refusal_by_the_proxy_is_one_of_the_peer_for_reconnect_stop",
    ),
    Row(
        "SOCKS 5: a name of more than 255 bytes",
        "EINVAL; libzmq ends the process",
        "contracts/socks::name_that_socks_cannot_say_is_refused",
    ),
    Row(
        "GSSAPI: a client without a ticket",
        "tries again; libzmq waits for HANDSHAKE_IVL",
        "core/security/gssapi::client_without_a_ticket_is_unable",
    ),
    Row(
        "a monitor that nobody reads",
        "keeps the newest events, and counts what it dropped",
        "engine/monitor::reader_that_does_not_read_misses_some_in_the_middle",
    ),
    Row(
        "steerable proxies",
        "PAUSE pauses and RESUME resumes; libzmq 4.3.5 has them swapped",
        "api/proxy::pauses_and_resumes",
    ),
    Row(
        "the end of the program",
        "what is unsent is sent to peers that are connected, as LINGER says; PyZMQ drops it",
        "life/exit::program_that_just_ends_delivers_everything",
    ),
    Row(
        "fork",
        "a child's inherited sockets answer ENOTSOCK; libzmq's must not be touched",
        "life/fork::inherited_socket_answers_enotsock",
    ),
    Row(
        "I/O threads",
        "there are none: IO_THREADS and AFFINITY choose nothing",
        "contracts/context_options::affinity_hinders_nothing",
    ),
    Row(
        "THREAD_… that the system refuses",
        "is logged; libzmq ends the process",
        "contracts/context_options::what_the_system_refuses_the_background_thread_is_logged",
    ),
    Row(
        "texts of 255 bytes",
        "can be read back from an option; PyZMQ cannot",
        "contracts/option_values::departure_is_one",
    ),
)
