package callback

// The values of ModifyAdmin.OpType.
const (
	OpAdd    = "add"
	OpDelete = "delete"
)

// ModifyAdmin is the body of Live.CallbackAfterModifyAdmin: the administrators of a room were changed, by a client or by
// REST. Spec: the seed page; callbacks, section 7.
type ModifyAdmin struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
	// OperatorAccount is who changed them: an App user, the App administrator of a REST call, or @TIM#SYSTEM.
	OperatorAccount Account `json:"Operator_Account"`
	// AdminAccounts are those that this operation added or deleted, at most 5; not the resulting list.
	AdminAccounts Accounts `json:"Admin_Account"`
	// OpType is OpAdd or OpDelete. The key is written opType, as the page has it, though the REST call writes OpType.
	// Both are read, because encoding/json matches keys without regard to letter case.
	OpType string `json:"opType"`
}

// ChangeOwner is the body of Live.CallbackAfterChangeOwner: a room was given to another owner, by a client or by REST.
// Spec: callbacks, section 6.8.
type ChangeOwner struct {
	CallbackCommand Command `json:"CallbackCommand"`
	// RoomID names the room.
	RoomID string `json:"RoomId"`
	// EventTime is in milliseconds.
	EventTime Millis `json:"EventTime"`
	// OperatorAccount is who gave the room away.
	OperatorAccount Account `json:"Operator_Account"`
	// CurrentOwnerAccount is the owner after the change.
	CurrentOwnerAccount Account `json:"CurrentOwner_Account"`
	// OriginalOwnerAccount is the owner before the change.
	OriginalOwnerAccount Account `json:"OriginalOwner_Account"`
}
