//! What the server says by itself: every type but `ok`, whose bodies are in `reply_samples`.

use super::client_samples::Sample;

/// Messages of the server, as their texts come back from the codec.
pub(super) const SAMPLES: &[Sample] = &[
    (
        "a new guest's welcome",
        r#"["welcome",{"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada","guest":true,"account":{"access_token":"a","refresh_token":"f"},"resume_token":"r","resumed":false,"resume_window_ms":30000,"heartbeat_ms":15000,"tick_hz":20,"cell_units":100,"interest_radius_units":200,"catalog":"3c555f6143444cee","world":{"world":"sol","world_number":1,"size_units":2000,"ship":1,"tick":68,"position":[256000,256000]},"durable":5}]"#,
    ),
    (
        "the welcome of a resumed session",
        r#"["welcome",{"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada 星","guest":false,"account":null,"resume_token":"r2","resumed":true,"resume_window_ms":0,"heartbeat_ms":500,"tick_hz":1,"cell_units":1,"interest_radius_units":0,"catalog":"0","world":{"world":"vega","world_number":65535,"size_units":4294967295,"ship":4294967295,"tick":9007199254740991,"position":[0,0]},"durable":9007199254740991}]"#,
    ),
    (
        "a refusal with a number, for a command",
        r#"["error",{"code":"out_of_range","message":"out of reach: 8602 steps away, 7680 are allowed","distance":8602,"range":7680},4712,2]"#,
    ),
    (
        "a refusal with a time to wait",
        r#"["error",{"code":"rate_limited","message":"too many commands","retry_after_ms":1500},4714,3]"#,
    ),
    ("a refusal of a message without an id", r#"["error",{"code":"unknown_type","message":"unknown"},null,4]"#),
    (
        "an error before the welcome, without a number",
        r#"["error",{"code":"banned","message":"you are banned","reason":"fraud","until_ms":1795262725341}]"#,
    ),
    (
        "a refusal with names and lists",
        r#"["error",{"code":"not_needed","message":"the phase needs other goods","needs":[{"given":3,"item":"ice","needed":200,"points":1}],"phase":0},7,8]"#,
    ),
    (
        "another world",
        r#"["entered",{"world":"vega","world_number":2,"size_units":2000,"ship":1,"tick":503,"position":[38400,256000]},null,13]"#,
    ),
    ("a research done", r#"["research_done",{"tech":"cargo_nets"},null,14]"#),
    ("unread notifications", r#"["unread",{"unread":0,"last":0},null,1]"#),
    (
        "a line in the sector",
        r#"["chat",{"channel":"sector","line":{"seq":12,"at_ms":1795262725341,"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada","text":"o7 \"星\" 🚀"}},null,15]"#,
    ),
    (
        "a line from one player to another",
        r#"["chat",{"channel":{"direct":"01a1fdff-3a71-7236-8e1b-8945410203ae"},"line":{"seq":1,"at_ms":0,"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada","text":"é"}},null,16]"#,
    ),
    ("a friend came", r#"["presence",{"player":"01a1fdff-3a71-7236-8e1b-8945410203ae","online":true},null,17]"#),
    (
        "a market without trades",
        r#"["ticker",{"hub":"luna_exchange","item":"coolant","last":null,"quantity":0,"bid":null,"ask":20,"at_ms":1795262725341},null,18]"#,
    ),
    (
        "a trade at the highest price",
        r#"["ticker",{"hub":"luna_exchange","item":"coolant","last":9007199254740991,"quantity":1,"bid":1,"ask":null,"at_ms":9007199254740991},null,19]"#,
    ),
    (
        "an auction with a new bid",
        r#"["auction_changed",{"hub":"luna_exchange","auction":4,"bid":55,"ends_ms":1795262785457,"over":false},null,20]"#,
    ),
    (
        "an auction's end without a bid",
        r#"["auction_changed",{"hub":"luna_exchange","auction":4,"bid":null,"ends_ms":1795262785457,"over":true},null,21]"#,
    ),
    (
        "a mission's progress",
        r#"["mission_progress",{"mission":"ice_run_498665","state":"running","phase":0,"needs":[{"item":"ice","needed":200,"given":37,"points":1}],"participants":2,"top":[{"rank":1,"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada","score":37,"reward":0}]},null,22]"#,
    ),
    (
        "a mission that is over, with empty lists",
        r#"["mission_progress",{"mission":"ice_run_498665","state":"over","phase":3,"needs":[],"participants":0,"top":[]},null,23]"#,
    ),
    (
        "an announcement that lasts",
        r#"["announcement",{"announcement":"01a1fdff-3a71-7236-8e1b-8945410203af","text":"Double ore\ntoday","level":"info","at_ms":1795262725341,"until_ms":null,"starts_ms":null,"over":false}]"#,
    ),
    (
        "maintenance to count down to",
        r#"["announcement",{"announcement":"01a1fdff-3a71-7236-8e1b-8945410203b0","text":"Maintenance","level":"maintenance","at_ms":1795262725341,"until_ms":1795263025341,"starts_ms":1795262905341,"over":false}]"#,
    ),
    ("a world slowed down", r#"["dilation",{"world_number":1,"tick_ms":125}]"#),
    ("a sign of life", r#"["heartbeat",{"tick":138,"time_ms":1795188137834,"durable":12,"session_durable":0}]"#),
    ("a farewell for good", r#"["bye",{"code":1000,"reason":"you left","reconnect":false,"retry_after_ms":0}]"#),
    (
        "a farewell until later",
        r#"["bye",{"code":1012,"reason":"the server restarts","reconnect":true,"retry_after_ms":1000}]"#,
    ),
    ("cells: nothing", r#"["cells",[1,0,[]]]"#),
    ("cells: a reset, and an empty cell", r#"["cells",[1,69,[[0,3,[]],[149,1,[]]]]]"#),
    (
        "cells: every entry",
        r#"["cells",[65535,4294967296,[[210,1,[[1,1,256000,256000,248507,260223,0,14,"sloop","Ada"],[1,4294967295,0,0,0,0,0,0,"x","星 🚀"],[3,1099511627998,249585,198088,"ice_chunk"]]],[211,0,[[0,2,256000,256000,0,-1,70000,900],[2,3],[4,9007199254740991],[5,7,399]]],[4294967295,2,[]]]]]"#,
    ),
    (
        "cells: sixteen frames, longer than a short array",
        r#"["cells",[1,100,[[0,2,[]],[1,2,[]],[2,2,[]],[3,2,[]],[4,2,[]],[5,2,[]],[6,2,[]],[7,2,[]],[8,2,[]],[9,2,[]],[10,2,[]],[11,2,[]],[12,2,[]],[13,2,[]],[14,2,[]],[15,2,[]]]]]"#,
    ),
];

/// A notice of each kind, with what it tells; each is sent as a `notification`.
pub(super) const NOTICES: &[Sample] = &[
    ("sold", r#"{"sold":{"hub":"luna_exchange","order":1,"item":"coolant","quantity":3,"credits":58}}"#),
    ("order_filled", r#"{"order_filled":{"hub":"luna_exchange","order":2,"item":"ice","quantity":1,"credits":9}}"#),
    ("order_expired", r#"{"order_expired":{"hub":"luna_exchange","order":2}}"#),
    ("outbid", r#"{"outbid":{"hub":"luna_exchange","auction":4,"bid":60}}"#),
    ("auction_won", r#"{"auction_won":{"hub":"luna_exchange","auction":4,"item":"ice","quantity":5,"paid":60}}"#),
    ("auction_sold", r#"{"auction_sold":{"hub":"luna_exchange","auction":4,"credits":58}}"#),
    ("auction_expired", r#"{"auction_expired":{"hub":"luna_exchange","auction":5}}"#),
    (
        "contract_accepted",
        r#"{"contract_accepted":{"hub":"luna_exchange","contract":9,"courier":"01a1f98d-11a2-73d5-9ab8-090683b41d2d"}}"#,
    ),
    ("contract_fulfilled", r#"{"contract_fulfilled":{"hub":"luna_exchange","contract":9,"item":"ice","quantity":20}}"#),
    ("contract_expired", r#"{"contract_expired":{"hub":"luna_exchange","contract":9,"credits":349,"quantity":0}}"#),
    ("crafted", r#"{"crafted":{"job":3,"hub":"luna_exchange","item":"steel","quantity":3}}"#),
    ("research_done", r#"{"research_done":{"tech":"cargo_nets"}}"#),
    (
        "mission_over with a map of goods longer than a short map",
        r#"{"mission_over":{"mission":"ice_run_498665","rank":1,"score":200,"credits":1000,"goods":{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,"p":16}}}"#,
    ),
    ("mission_over", r#"{"mission_over":{"mission":"ice_run_498665","rank":9,"score":0,"credits":0,"goods":{}}}"#),
    ("given", r#"{"given":{"from":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada","credits":100}}"#),
    (
        "guild_invited",
        r#"{"guild_invited":{"guild":"01a1fdff-3a71-7236-8e1b-8945410203ae","name":"Ore Barons","by":"01a1f98d-11a2-73d5-9ab8-090683b41d2d"}}"#,
    ),
    ("guild_left", r#"{"guild_left":{"guild":"01a1fdff-3a71-7236-8e1b-8945410203ae","name":"Ore Barons"}}"#),
    ("guild_role", r#"{"guild_role":{"guild":"01a1fdff-3a71-7236-8e1b-8945410203ae","role":"leader"}}"#),
    ("friend_asked", r#"{"friend_asked":{"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada"}}"#),
    ("friend_agreed", r#"{"friend_agreed":{"player":"01a1f98d-11a2-73d5-9ab8-090683b41d2d","name":"Ada"}}"#),
    ("season_over", r#"{"season_over":{"season":3,"board":"traded","rank":12}}"#),
    ("granted into a storage", r#"{"granted":{"credits":0,"goods":{"ice":5},"hub":"luna_exchange"}}"#),
    ("granted into the hold", r#"{"granted":{"credits":100,"goods":{},"hub":null}}"#),
    ("revoked", r#"{"revoked":{"credits":100,"goods":{},"hub":null}}"#),
    ("tech_granted", r#"{"tech_granted":{"tech":"cargo_nets"}}"#),
    ("tech_revoked", r#"{"tech_revoked":{"tech":"cargo_nets"}}"#),
    ("renamed", r#"{"renamed":{"name":"Ada 2"}}"#),
    ("ban_lifted", r#"{"ban_lifted":{}}"#),
    ("muted for good", r#"{"muted":{"until_ms":null,"reason":"spam"}}"#),
    ("muted until then", r#"{"muted":{"until_ms":1795262725341,"reason":"spam"}}"#),
    ("mute_lifted", r#"{"mute_lifted":{}}"#),
];
